#include "db/owner.h"

#include "script.h"

int owner_ask(const char *conninfo, const char *sql, const char *const *values, int n_values, char **ret_value,
              char **ret_error) {
        _cleanup_(script_finish_p) PGconn *pq = NULL;
        int r = script_connect(conninfo, &pq, ret_error);
        return r < 0 ? r : script_ask(pq, sql, values, n_values, ret_value, ret_error);
}
