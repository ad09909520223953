"""How often the estimators err where there is no effect, and how often they find one."""
