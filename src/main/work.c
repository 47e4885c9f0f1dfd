/* upstander work: the background work in a process of its own. */

#include <string.h>

#include "command.h"
#include "db/query.h"
#include "job/job.h"
#include "stop.h"

int command_work(const struct invocation *invocation) {
        _cleanup_(query_set_free_p) struct query_set *queries = NULL;
        _cleanup_(jobs_stop_p) struct jobs *jobs = NULL;
        _cleanup_free_ char *error = NULL;
        if (query_set_load(&queries, &error) != 0)
                return command_failed("%s", error);
        stop_prepare();
        int r = jobs_start(settings_text(invocation->settings, SETTING_DATABASE_WORK_CONNINFO), queries, &jobs);
        if (r < 0)
                return command_failed("the background work did not start: %s", strerror(-r));
        stop_await(NULL, NULL);
        return EXIT_DONE;
}
