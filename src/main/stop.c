#include "stop.h"

#include <signal.h>
#include <time.h>

#include "base/log.h"
#include "notify.h"

enum { TURN_MS = 20000 };

static sigset_t stop_signals(void) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        return set;
}

void stop_prepare(void) {
        const sigset_t set = stop_signals();
        pthread_sigmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
}

bool stop_wait(unsigned ms) {
        const struct timespec wait = { ms / 1000, (long) (ms % 1000) * 1000000 };
        const sigset_t set = stop_signals();
        return sigtimedwait(&set, NULL, &wait) > 0;
}

void stop_await(void (*every)(void *data), void *data) {
        const uint64_t watchdog_ms = notify_watchdog_us() / 1000;
        const unsigned turn = watchdog_ms && watchdog_ms / 2 < TURN_MS ? (unsigned) (watchdog_ms / 2) : TURN_MS;
        notify("READY=1");
        while (!stop_wait(turn)) {
                if (every)
                        every(data);
                notify("WATCHDOG=1");
        }
        log_info("stopping");
        notify("STOPPING=1");
}
