# Seasonal naive forecasts of the logs of the seat-belt series' drivers, with and without gaps in
# the last year. Prints what tests/test_forecast.py compares with.
#   Rscript snaive.R > snaive.out     (R 4.2, forecast 8.20; data set Seatbelts)
suppressMessages(library(forecast))
options(digits = 15)

y <- log(Seatbelts[, "drivers"])
found <- snaive(y, h = 14, level = 95)
cat("mean", as.numeric(found$mean), "\n")
cat("error", as.numeric((found$upper - found$mean) / qnorm(0.975)), "\n")
