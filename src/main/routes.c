#include "routes.h"

#include <string.h>

#include "access/handlers.h"
#include "audit/handlers.h"
#include "incident/handlers.h"
#include "pathway/handlers.h"
#include "scrutiny/handlers.h"

static const struct {
        const struct route *rows;
        const size_t *n;
} tables[] = {
        { access_routes, &access_routes_count },
        { incident_routes, &incident_routes_count },
        { report_routes, &report_routes_count },
        { pathway_routes, &pathway_routes_count },
        { scrutiny_routes, &scrutiny_routes_count },
        { audit_routes, &audit_routes_count },
};

const struct route *routes_all(size_t *ret_n) {
        static struct route *rows;
        static size_t n;
        if (!rows) {
                for (size_t i = 0; i < ELEMENTS(tables); i++)
                        n += *tables[i].n;
                rows = memory_new(n, sizeof *rows);
                struct route *next = rows;
                for (size_t i = 0; i < ELEMENTS(tables); i++)
                        next = (struct route *) memcpy(next, tables[i].rows, *tables[i].n * sizeof *rows) + *tables[i].n;
        }
        *ret_n = n;
        return rows;
}
