# The pieces of analysis.effects.volatility: innovations as R's standardised residuals of a whitened
# regression, and the log ratio of their mean sizes from 1914 on against before, of all cyclic shifts.
#   Rscript volatility.R > volatility.out     (R 4.2; data set Nile, with gaps)
options(digits = 12)
year <- as.numeric(time(Nile))
seen <- !(year %in% c(1880:1889, 1901, 1903, 1950:1955))
y <- log(as.numeric(Nile))[seen]; t <- year[seen]; n <- length(y)
share <- 0.25
root <- t(chol((1 - share) * diag(n) + share * (outer(t, t, pmin) - min(t) + 1)))
white <- lm(forwardsolve(root, y) ~ forwardsolve(root, cbind(rep(1, n))) - 1)
e <- rstandard(white)
after <- t >= 1914; m <- sum(after)
ratio <- sapply(0:(n - 1), function(k) {
  moved <- abs(e[(seq_len(n) - 1 + k) %% n + 1])
  log(mean(moved[after]) / mean(moved[!after]))
})
cat("innovations", e[c(1, 2, 10, n)], "\n")
cat("log_ratio", ratio[1], "\n")
cat("p_value", mean(abs(ratio) >= abs(ratio[1]) * (1 - 1e-12)), "\n")
cat("least_and_greatest", range(ratio), "\n")
