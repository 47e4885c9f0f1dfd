/* What the service manager is told, when there is one (sd_notify). */
#ifndef MAIN_NOTIFY_H
#define MAIN_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=...". Nothing without a service manager. */
void notify(const char *state);
/* The microseconds within which WATCHDOG=1 must be said again; 0 when nobody listens. */
uint64_t notify_watchdog_us(void);

#endif
