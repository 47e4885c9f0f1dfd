#include "stop.h"

#include <signal.h>
#include <time.h>

#include "base/log.h"
#include "notify.h"

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

void stop_await(void) {
        const uint64_t watchdog = notify_watchdog_us();
        notify("READY=1");
        while (!stop_wait(watchdog ? (unsigned) (watchdog / 2000) : 60000))
                notify("WATCHDOG=1");
        log_info("stopping");
        notify("STOPPING=1");
}
