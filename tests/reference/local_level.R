# Local level with regressors, fitted by REML with nlme: the random walk's increments from one
# observed period to the next are random effects of one group. Prints what
# tests/effects/test_level.py compares with, and writes the two series.
#   Rscript local_level.R > local_level.out     (R 4.2, nlme 3.1; data sets Nile and Seatbelts)
suppressMessages(library(nlme))
options(digits = 12)

fit <- function(name, y, X, seen = seq_along(y)) {
  n <- length(seen)
  Z <- t(t(outer(seq_len(n), seq_len(n)[-1], ">=") * 1) * sqrt(diff(seen)))
  d <- list(y = y[seen], X = X[seen, , drop = FALSE], Z = Z, g = rep(1, n))
  control <- lmeControl(opt = "optim", msTol = 1e-14, reltol = 1e-14, tolerance = 1e-12,
                        msMaxIter = 1000, returnObject = TRUE)
  m <- lme(y ~ X - 1, data = d, random = list(g = pdIdent(~ Z - 1)), method = "REML",
           control = control)
  eta <- as.numeric(VarCorr(m)[1, "Variance"])
  last <- ncol(X)
  cat(name, "level_variance", eta, "\n")
  cat(name, "noise_variance", m$sigma^2, "\n")
  cat(name, "effect", unname(fixef(m)[last]), "\n")
  cat(name, "effect_error", sqrt(vcov(m)[last, last]), "\n")
  cat(name, "restricted_loglik", as.numeric(logLik(m)), "\n")
}

y <- as.numeric(Nile); year <- as.numeric(time(Nile)); one <- rep(1, length(y))
fit("nile", y, cbind(one))
fit("nile_break", y, cbind(one, year >= 1899))
fit("nile_gaps", y, cbind(one, year >= 1899),
    which(!(year %in% c(1880:1889, 1901, 1903, 1950:1955))))
month <- cycle(Seatbelts)
S <- sapply(1:12, function(i) as.numeric(month == i))
fit("seatbelts", as.numeric(log(Seatbelts[, "drivers"])),
    cbind(S, log(Seatbelts[, "PetrolPrice"]), Seatbelts[, "law"]))

write.csv(data.frame(year = year, flow = y), "nile.csv", row.names = FALSE, quote = FALSE)
write.csv(data.frame(month = sprintf("%d-%02d", floor(time(Seatbelts) + 1e-9), month),
                     drivers = Seatbelts[, "drivers"], petrol = Seatbelts[, "PetrolPrice"],
                     law = Seatbelts[, "law"]),
          "seatbelts.csv", row.names = FALSE, quote = FALSE)
