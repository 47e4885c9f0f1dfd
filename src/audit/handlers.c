#include "audit/handlers.h"

const struct route audit_routes[] = {
        { METHOD_GET, "/audit/events", "AUDIT_READ", .about = "The audit trail, newest first", .action = "VIEW", .query = "audit/list",
          .page = "audit/list" },
};
const size_t audit_routes_count = ELEMENTS(audit_routes);
