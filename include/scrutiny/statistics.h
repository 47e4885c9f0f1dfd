/* Statistics and nothing else. Doubles agree with an independent computation to 1e-9. */
#ifndef SCRUTINY_STATISTICS_H
#define SCRUTINY_STATISTICS_H

#include "base/macro.h"

/* The normal quantile of a two-sided 95% interval (domain 5.2). */
#define STATISTICS_Z95 1.959963984540054

struct interval {
        double value, lower, upper;
};

/* The proportion x/n with its Wilson score interval: (2x + z^2 -+ z sqrt(z^2 + 4x(1 - p))) / (2(n + z^2)) (domain 5.2,
 * as PHEindicatormethods). 0, or positive when n is not positive or x not within 0..n: not calculable. */
int statistics_wilson(double x, double n, double z, struct interval *ret_interval) _must_check_;

/* A proportion as a percentage with `places` decimals (0..6), rounded half-up on its decimal text as published figures
 * are. */
double statistics_percent(double proportion, int places);

#endif
