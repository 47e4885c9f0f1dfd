#include "audit/handlers.h"

#include "audit/pages.h"

const struct route audit_routes[] = {
        { METHOD_GET, "/audit/events", "AUDIT_READ", .about = "The audit trail, newest first", .action = "VIEW",
          .query = "audit/list", .page = "audit/list",
          .decorate = audit_decorate_list, .answer = "audit_event_list" },
};
const size_t audit_routes_count = ELEMENTS(audit_routes);
