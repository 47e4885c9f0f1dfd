/* The short commands of `upstander admin`: keys and settings. */

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "crypto/keyring.h"

int command_key_make(const struct invocation *invocation) {
        const char *path = settings_text(invocation->settings, SETTING_KEY_FILE);
        struct keyring_fault fault = { 0 };
        int r = keyring_generate(path, &fault);
        if (r < 0)
                return command_failed("the keys were not made in %s: %s", path, fault.reason ? fault.reason : strerror(-r));
        printf("The keys are in %s. Keep a copy of that file away from the database and its copies: without it nothing\n"
               "that was sealed can ever be read again.\n", path);
        return EXIT_DONE;
}

int command_key_add(const struct invocation *invocation) {
        static const struct {
                const char *name;
                enum keyring_kind kind;
        } kinds[] = { { "seal", KEYRING_SEAL }, { "token", KEYRING_TOKEN } };
        const char *path = settings_text(invocation->settings, SETTING_KEY_FILE);
        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                if (strcmp(kinds[i].name, invocation->arguments[0]) != 0)
                        continue;
                struct keyring_fault fault = { 0 };
                int r = keyring_add(path, kinds[i].kind, &fault);
                if (r < 0)
                        return command_failed("the key was not added to %s: %s", path,
                                              fault.reason ? fault.reason : strerror(-r));
                printf("The new %s key is current once every upstander process has been restarted. Copy %s again.\n",
                       kinds[i].name, path);
                return EXIT_DONE;
        }
        return command_failed("a key's kind is seal or token, not %s", invocation->arguments[0]);
}

int command_settings(const struct invocation *invocation) {
        if (invocation->n_arguments == 0)
                settings_print(invocation->settings, stdout);
        else if (strcmp(invocation->arguments[0], "--example") == 0)
                settings_print_example(stdout);
        else
                return command_failed("admin settings takes --example or nothing, not %s", invocation->arguments[0]);
        return EXIT_DONE;
}
