# Textbook estimates of the seat-belt law of February 1983 on drivers killed or seriously injured:
# a step beside calendar months and the log petrol price. Prints what tests/effects/test_textbook.py
# compares with.
#   Rscript textbook.R > textbook.out     (R 4.2, nlme 3.1, MASS 7.3; data set Seatbelts)
suppressMessages({library(nlme); library(MASS)})
options(digits = 12)

y <- as.numeric(log(Seatbelts[, "drivers"]))
month <- cycle(Seatbelts)
S <- sapply(1:12, function(i) as.numeric(month == i))
X <- cbind(S, log(Seatbelts[, "PetrolPrice"]), Seatbelts[, "law"])
k <- ncol(X)
show <- function(name, ...) {
  values <- list(...)
  for (key in names(values)) cat(name, key, values[[key]], "\n")
}

# OLS, Newey-West errors without correction of degrees of freedom, gaps as zeros.
ols <- function(name, seen) {
  m <- lm.fit(X[seen, ], y[seen])
  u <- matrix(0, length(y), k); u[seen, ] <- X[seen, ] * m$residuals
  lags <- floor(4 * (length(seen) / 100)^(2 / 9))
  M <- crossprod(u)
  for (l in seq_len(lags)) {
    G <- crossprod(u[-seq_len(l), ], u[seq_len(nrow(u) - l), ])
    M <- M + (1 - l / (lags + 1)) * (G + t(G))
  }
  B <- solve(crossprod(X[seen, ]))
  show(name, effect = unname(m$coefficients[k]), error = sqrt((B %*% M %*% B)[k, k]))
}

# GLS at a fixed rho, rho from residuals one month apart, until it stands still.
prais <- function(name, seen) {
  d <- list(y = y[seen], X = X[seen, ], t = seen)
  near <- which(diff(seen) == 1)
  rho <- 0.1
  repeat {
    m <- gls(y ~ X - 1, data = d, correlation = corCAR1(rho, form = ~ t, fixed = TRUE))
    e <- as.numeric(d$y - d$X %*% coef(m))
    new <- sum(e[near + 1] * e[near]) / sum(e[near]^2)
    if (abs(new - rho) < 1e-10) break
    rho <- new
  }
  show(name, effect = unname(coef(m)[k]), error = sqrt(vcov(m)[k, k]))
}

every <- seq_along(y)
some <- setdiff(every, c(5, 20:23, 77, 150:151))
ols("ols", every); ols("ols_gaps", some)
prais("prais", every); prais("prais_gaps", some)

m <- rlm(X, y, psi = psi.huber, k = 1.345, maxit = 200, acc = 1e-12, scale.est = "MAD")
show("huber", effect = unname(m$coefficients[k]), error = summary(m)$coefficients[k, 2])

m <- arima(y, c(0, 1, 1), list(order = c(0, 1, 1), period = 12), xreg = X[, 13:14], method = "ML",
           optim.control = list(reltol = 1e-14, maxit = 1000))
show("airline", effect = unname(coef(m)[4]), theta = unname(coef(m)[1]), Theta = unname(coef(m)[2]),
     error = sqrt(vcov(m)[4, 4]))
