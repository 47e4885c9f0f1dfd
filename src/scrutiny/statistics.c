#include "scrutiny/statistics.h"

#include <math.h>

int statistics_wilson(double x, double n, double z, struct interval *ret_interval) {
        if (!(n > 0) || !(x >= 0) || x > n || !(z > 0))
                return 1;
        double p = x / n, zz = z * z, root = z * sqrt(zz + 4 * x * (1 - p));
        *ret_interval = (struct interval) {
                .value = p,
                .lower = fmax(0, (2 * x + zz - root) / (2 * (n + zz))),
                .upper = fmin(1, (2 * x + zz + root) / (2 * (n + zz))),
        };
        return 0;
}

double statistics_percent(double proportion, int places) {
        double scale = pow(10, places);
        /* A value that is a half in decimal may lie a hair below it in binary. */
        return floor(proportion * 100 * scale + 0.5 + 1e-9) / scale;
}
