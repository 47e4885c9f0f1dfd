/* upstander admin demonstration */

#include "base/embedded.h"
#include "command.h"
#include "crypto/keyring.h"
#include "demonstration/install.h"

int command_demonstration(const struct invocation *invocation) {
        const char *path = settings_text(invocation->settings, SETTING_KEY_FILE);
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        _cleanup_free_ char *error = NULL;
        struct keyring_fault fault = { 0 };

        if (keyring_load(path, &keyring, &fault) < 0)
                return command_failed("the keys in %s cannot be used: %s", path, fault.reason ? fault.reason : "no such file");
        const struct demonstration_target target = {
                .conninfo = settings_text(invocation->settings, SETTING_DATABASE_ADMIN_CONNINFO),
                .keyring = keyring,
                .config = &embedded_config,
        };
        if (demonstration_install(&target, &error) < 0)
                return command_failed("%s", error);
        return EXIT_DONE;
}
