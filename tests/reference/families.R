# Adjusted p-values of families of tests. Prints what tests/effects/test_families.py compares with.
#   Rscript families.R > families.out     (R 4.2, multtest 2.54)
suppressMessages(library(multtest))
options(digits = 15)

show <- function(case, values) cat(case, values, "\n")
show("holm", p.adjust(c(0.001, 0.04, 0.03, 0.2, 0.012), "holm"))

# Step-down max-|t| of five two-sample tests over all 70 ways to choose 4 of 8 columns.
X <- outer(1:5, 1:8, function(i, j) (7 * i * j + 3 * i^2 + 5 * j^2) %% 19)
X[1, 5:8] <- X[1, 5:8] + 25
X[2, 5:8] <- X[2, 5:8] + 12
progress <- capture.output(
  found <- mt.maxT(X, rep(0:1, each = 4), test = "t", side = "abs", B = 0)
)
found <- found[order(found$index), ]
show("t", found$teststat)
show("raw", found$rawp)
show("maxt", found$adjp)
