/* What the operator does to the database at the server's own command line. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/embedded.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "command.h"
#include "crypto/keyring.h"
#include "crypto/token.h"
#include "db/migrate.h"
#include "db/owner.h"
#include "definitions.h"

enum { CALENDAR_MAX = 1024 * 1024 };

static const char *owner_conninfo(const struct invocation *invocation) {
        return settings_text(invocation->settings, SETTING_DATABASE_ADMIN_CONNINFO);
}

static void print_line(void *unused, const char *line) {
        puts(line);
}

int command_migrate(const struct invocation *invocation) {
        const struct migrate_target target = { owner_conninfo(invocation), print_line, NULL };
        _cleanup_free_ char *error = NULL;
        if (migrate_run(&target, &embedded_schema, &error) < 0 ||
            definitions_check_embedded(target.conninfo, &error) < 0 ||
            migrate_load_definitions(&target, &embedded_config, migrate_definitions, &error) < 0)
                return command_failed("%s", error);
        return EXIT_DONE;
}

/* The whole of a file of at most `most` bytes. */
static int read_file(const char *path, size_t most, struct buffer *out) {
        char part[16384];
        ssize_t n = -1;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                while ((n = read(fd, part, sizeof part)) > 0 && out->size <= most)
                        buffer_append(out, part, (size_t) n);
        }
        int r = n < 0 ? -errno : out->size > most ? -EFBIG : 0;
        if (fd >= 0)
                close(fd);
        return r;
}

int command_calendar_import(const struct invocation *invocation) {
        const char *path = invocation->arguments[0];
        _cleanup_buffer_ struct buffer text = { 0 };
        _cleanup_free_ char *added = NULL, *error = NULL;
        int r = read_file(path, CALENDAR_MAX, &text);
        if (r < 0)
                return command_failed("%s: %s", path, strerror(-r));
        if (text.size == 0 || strlen(text.data) != text.size)
                return command_failed("%s: is not a calendar", path);
        const char *const values[] = { text.data };
        if (owner_ask(owner_conninfo(invocation), "select calendar_import($1::jsonb)", values, 1, &added, &error) < 0)
                return command_failed("%s: %s", path, error);
        printf("%s bank holidays added.\n", added ? added : "0");
        return EXIT_DONE;
}

int command_site(const struct invocation *invocation) {
        _cleanup_free_ char *list = NULL, *error = NULL;
        if (owner_ask(owner_conninfo(invocation), "select operator_site_list()", NULL, 0, &list, &error) < 0)
                return command_failed("%s", error);
        puts(list ? list : "");
        return EXIT_DONE;
}

/* A statement that answers NULL, or in words why it did nothing. */
static int ask_operator(const struct invocation *invocation, const char *sql, const char *const *values, int n_values) {
        _cleanup_free_ char *refusal = NULL, *error = NULL;
        if (owner_ask(owner_conninfo(invocation), sql, values, n_values, &refusal, &error) < 0)
                return command_failed("%s", error);
        return refusal ? command_failed("%s", refusal) : EXIT_DONE;
}

int command_site_set(const struct invocation *invocation) {
        const char *const values[] = { invocation->arguments[0], invocation->arguments[1] };
        return ask_operator(invocation, "select operator_site_set($1, $2)", values, ELEMENTS(values));
}

int command_account_create(const struct invocation *invocation) {
        const char *path = settings_text(invocation->settings, SETTING_KEY_FILE);
        char **given = invocation->arguments, token[TOKEN_TEXT], hash[SHA256_HEX];
        char account[UUID_TEXT], grant[UUID_TEXT], organisation[UUID_TEXT];
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        struct keyring_fault fault = { 0 };
        if (keyring_load(path, &keyring, &fault) < 0)
                return command_failed("the keys in %s cannot be used: %s", path, fault.reason ? fault.reason : "no such file");
        uuid_new(account);
        uuid_new(grant);
        uuid_new(organisation);
        token_new(keyring, TOKEN_INVITATION, token, hash);
        const char *const values[] = { account, grant, organisation, given[0], given[1], given[2],
                                       invocation->n_arguments > 3 ? given[3] : "partnership", hash };
        int status = ask_operator(invocation, "select operator_account_create($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8)",
                                  values, ELEMENTS(values));
        if (status == EXIT_DONE)
                printf("The account is made. Within 72 hours its owner sets a password at /invitations/%s\n", token);
        memory_erase(token, sizeof token);
        return status;
}
