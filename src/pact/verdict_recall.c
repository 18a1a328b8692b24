/* Clopper and Pearson's bound: the share p at which `found` or more of `sent` would be seen
 * with a probability of one in twenty (Biometrika 26, 1934).  That probability is the
 * regularised incomplete beta function I_p(found, sent-found+1), which rises with p, so p is
 * found by halving; by its continued fraction (DLMF 8.17.22, evaluated after Lentz) it loses
 * nothing where a sum of binomial terms would. */
#include <math.h>

#include "pact/verdict.h"

#define ALPHA 0.05
#define TINY  1e-300

enum { STEPS = 4000, HALVINGS = 60 };

static double
not_zero(double x)
{
    return fabs(x) < TINY ? TINY : x;
}

/* The continued fraction; converges fast for x < (a+1)/(a+b+2). */
static double
fraction(double a, double b, double x)
{
    double c = 1;
    double d = 1 / not_zero(1 - (a + b) * x / (a + 1));
    double h = d;

    for (int m = 1; m <= STEPS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step;

        d = 1 / not_zero(1 + even * d);
        c = not_zero(1 + even / c);
        h *= d * c;
        d = 1 / not_zero(1 + odd * d);
        c = not_zero(1 + odd / c);
        step = d * c;
        h *= step;
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return h;
}

static double
log_gamma(double x)
{
    int sign;

    return lgamma_r(x, &sign);
}

static double
incomplete_beta(double a, double b, double x)
{
    double front =
        exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));

    if (x < (a + 1) / (a + b + 2))
        return front * fraction(a, b, x) / a;
    return 1 - front * fraction(b, a, 1 - x) / b;
}

uint32_t
verdict_recall(unsigned found, unsigned sent)
{
    double low = 0;
    double high = 1;

    if (found == 0 || sent == 0)
        return 0;
    if (found >= sent)
        return (uint32_t)(pow(ALPHA, 1.0 / sent) * 1e6);
    for (int i = 0; i < HALVINGS; i++) {
        double p = (low + high) / 2;

        if (incomplete_beta(found, sent - found + 1.0, p) < ALPHA)
            low = p;
        else
            high = p;
    }
    return (uint32_t)(low * 1e6);
}
