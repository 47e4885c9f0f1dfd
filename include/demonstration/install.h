/* The demonstration: an invented partnership (config/demonstration) with some four hundred reports of the last eighteen months,
 * made from a fixed seed and filed through the same functions, with the same audit trail, as real ones. */
#ifndef DEMONSTRATION_INSTALL_H
#define DEMONSTRATION_INSTALL_H

#include "base/embedded.h"
#include "base/macro.h"
#include "crypto/keyring.h"

struct demonstration_target {
        const char *conninfo;          /* of the superuser */
        const struct keyring *keyring;
        const struct embedded_set *config;
};

enum { DEMONSTRATION_REPORTS = 400 };

/* Installs it into a migrated database without accounts, and marks the database as a demonstration for good. 0, or negative with
 * *ret_error (free()): nothing was done, or, past the partnership, some of the reports are missing. */
int demonstration_install(const struct demonstration_target *target, char **ret_error) _must_check_;

#endif
