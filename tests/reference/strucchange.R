# Bai and Perron's breaks by strucchange: what tests/effects/test_breaks.py compares with.
#   Rscript strucchange.R > strucchange.out     (R 4.2, strucchange 1.5-3; data sets Nile and RealInt)
# `dates` are the last periods of the old level, as strucchange counts them. `near` are the first
# periods of the new level at which n log(RSS / least RSS) stays within -2 log(1 - sqrt(0.95)).
suppressMessages(library(strucchange))
options(digits = 12)

tell <- function(name, y, h, most) {
  n <- length(y)
  bp <- breakpoints(y ~ 1, h = h)
  fits <- summary(bp)$RSS
  lwz <- AIC(bp, k = 0.299 * log(n)^2.1)
  for (m in 0:most) {
    cat(name, "rss", m, fits["RSS", m + 1], "\n")
    cat(name, "bic", m, fits["BIC", m + 1], "\n")
    cat(name, "lwz", m, lwz[m + 1], "\n")
    if (m > 0) cat(name, "dates", m, breakpoints(bp, breaks = m)$breakpoints, "\n")
  }
  bp
}

near <- function(name, y, h) {
  n <- length(y)
  rss <- sapply(h:(n - h), function(k) sum((y[1:k] - mean(y[1:k]))^2) +
                  sum((y[(k + 1):n] - mean(y[(k + 1):n]))^2))
  kept <- n * log(rss / min(rss)) <= -2 * log(1 - sqrt(0.95))
  cat(name, "near", 1, (h:(n - h))[kept] + 1, "\n")
}

nile <- tell("nile", as.numeric(Nile), 15, 5)
near("nile", as.numeric(Nile), 15)
interval <- confint(nile, breaks = 1)$confint
cat("nile confint 1", interval, "\n")
data(RealInt)
real <- tell("realint", as.numeric(RealInt), 15, 5)
cat("realint confint 3", t(confint(real, breaks = 3)$confint), "\n")
write.csv(data.frame(quarter = format(as.yearqtr(as.numeric(time(RealInt))), "%YQ%q"),
                     rate = as.numeric(RealInt)), "real_interest.csv", row.names = FALSE,
          quote = FALSE)
