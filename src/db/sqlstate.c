#include "db/sqlstate.h"

#include <string.h>

/* The first row whose text begins the SQLSTATE decides; the last fits all. */
static const struct {
        const char *begins;
        enum sqlstate_class class;
        struct refusal refusal;
} rows[] = {
        { "40001", SQLSTATE_RETRY, { "conflict", "", "Somebody else changed this at the same moment. Try again." } },
        { "40P01", SQLSTATE_RETRY, { "conflict", "", "Somebody else changed this at the same moment. Try again." } },
        { "57014", SQLSTATE_TIMEOUT, { "timeout", "", "This took too long and was stopped. Nothing was saved." } },
        { "55P03", SQLSTATE_TIMEOUT, { "timeout", "", "Somebody else is changing this. Nothing was saved." } },
        { "08", SQLSTATE_AWAY, { "unavailable", "", "The service cannot be reached for the moment." } },
        { "53", SQLSTATE_AWAY, { "unavailable", "", "The service has no room for the moment." } },
        { "57P", SQLSTATE_AWAY, { "unavailable", "", "The service is starting or stopping." } },
        { "25006", SQLSTATE_AWAY, { "unavailable", "", "The service can only be read for the moment." } },
        { "25P03", SQLSTATE_AWAY, { "unavailable", "", "The service cannot be reached for the moment." } },
        { "0A000", SQLSTATE_STALE, { "unavailable", "", "The service has just been changed. Try again." } },
        { "26000", SQLSTATE_STALE, { "unavailable", "", "The service has just been changed. Try again." } },
        { "23505", SQLSTATE_REFUSED, { "taken", "", "There is one already." } },
        { "23503",
          SQLSTATE_REFUSED,
          { "not_found", "", "Something that this refers to is not there, or is still in use." } },
        { "23502", SQLSTATE_REFUSED, { "required", "", "Something needed is missing." } },
        { "23", SQLSTATE_REFUSED, { "not_allowed", "", "The details given do not fit together." } },
        { "UP003",
          SQLSTATE_REFUSED,
          { "calendar_too_short", "",
            "The calendar of working days does not reach that far. Tell whoever runs this service." } },
        { "", SQLSTATE_FAULT, { "fault", "", "Something went wrong on our side. Nothing was saved." } },
};

static size_t find_row(const char *sqlstate) {
        size_t i = 0;
        while (strncmp(sqlstate, rows[i].begins, strlen(rows[i].begins)) != 0)
                i++;
        return i;
}

enum sqlstate_class sqlstate_classify(const char *sqlstate) {
        return sqlstate && *sqlstate ? rows[find_row(sqlstate)].class : SQLSTATE_AWAY;
}

const struct refusal *sqlstate_refusal(const char *sqlstate, const char *constraint) {
        for (size_t i = 0; constraint && i < n_constraint_rows; i++)
                if (strcmp(constraint_rows[i].constraint, constraint) == 0)
                        return &constraint_rows[i].refusal;
        return &rows[find_row(sqlstate ? sqlstate : "")].refusal;
}
