#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"

enum {
        LINE_MAX_SIZE = 8 + KEYRING_ID + BASE64URL_LENGTH(KEYRING_KEY_SIZE) + 2,
        ROOM = KEYRING_FILE_MAX + LINE_MAX_SIZE + 1,
};

/* The file's text, in memory of its own like the keyring. */
struct text {
        size_t size;
        char data[ROOM];
};

static struct text *text_new(void) {
        struct text *text = mmap(NULL, sizeof *text, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (text == MAP_FAILED)
                abort();
        mlock(text, sizeof *text);
        madvise(text, sizeof *text, MADV_DONTDUMP);
        return text;
}

static void text_free(struct text **text) {
        memory_erase(*text, sizeof **text);
        munmap(*text, sizeof **text);
}
#define _cleanup_text_ _cleanup_(text_free)

static void close_fd(int *fd) {
        if (*fd >= 0)
                close(*fd);
}

static int refuse(struct keyring_fault *ret_fault, int error, const char *reason) {
        *ret_fault = (struct keyring_fault) { 0, reason };
        return -error;
}

/* systemd gives a service that is not root its credentials by an access control list, which stat shows as a file of
 * root with the group's read bit; the folder around it is closed to everybody else. */
static int check_owner(int fd, bool credential, struct keyring_fault *ret_fault) {
        struct stat st;
        if (fstat(fd, &st) < 0)
                return refuse(ret_fault, errno, "the file could not be examined");
        if (!S_ISREG(st.st_mode))
                return refuse(ret_fault, EPERM, "it is not a regular file");
        if (st.st_uid != geteuid() && st.st_uid != 0)
                return refuse(ret_fault, EPERM, "the file belongs to somebody other than this user or root");
        mode_t allowed = S_IRUSR | S_IWUSR | (credential && st.st_uid == 0 ? S_IRGRP : 0);
        if (st.st_mode & 07777 & ~allowed)
                return refuse(ret_fault, EPERM, "the file's mode must be 0600 or 0400");
        return 0;
}

static int read_text(const char *path, bool credential, struct text *ret_text, struct keyring_fault *ret_fault) {
        _cleanup_(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return refuse(ret_fault, errno, "the file could not be opened");
        int r = check_owner(fd, credential, ret_fault);
        if (r < 0)
                return r;
        ret_text->size = 0;
        /* One byte more than may be there, so that a file that is too large is seen to be. */
        while (ret_text->size <= KEYRING_FILE_MAX) {
                ssize_t n = read(fd, ret_text->data + ret_text->size, KEYRING_FILE_MAX + 1 - ret_text->size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return refuse(ret_fault, errno, "the file could not be read");
                if (n == 0)
                        break;
                ret_text->size += (size_t) n;
        }
        return 0;
}

static int load(const char *path, bool credential, struct keyring **ret_keyring, struct keyring_fault *ret_fault) {
        _cleanup_text_ struct text *text = text_new();
        int r = read_text(path, credential, text, ret_fault);
        return r < 0 ? r : keyring_parse(text->data, text->size, ret_keyring, ret_fault);
}

int keyring_load(const char *path, struct keyring **ret_keyring, struct keyring_fault *ret_fault) {
        return load(path, false, ret_keyring, ret_fault);
}

int keyring_load_credential(const char *name, struct keyring **ret_keyring, struct keyring_fault *ret_fault) {
        const char *directory = secure_getenv("CREDENTIALS_DIRECTORY");
        if (!directory || directory[0] != '/')
                return refuse(ret_fault, ENOENT, "there is no CREDENTIALS_DIRECTORY; was this started by systemd?");
        if (name[0] == '\0' || name[0] == '.' || strchr(name, '/'))
                return refuse(ret_fault, EINVAL, "the credential's name is not a plain file name");
        char path[PATH_MAX];
        if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int) sizeof path)
                return refuse(ret_fault, ENAMETOOLONG, "the credential's path is too long");
        return load(path, true, ret_keyring, ret_fault);
}

/* The id tells people when the key was made; its random part keeps two made on one day apart. */
static void append_fresh_key(struct text *text, enum keyring_kind kind) {
        static const char *const names[KEYRING_KINDS] = { "seal", "token", "index" };
        unsigned char key[KEYRING_KEY_SIZE], suffix[4];
        char encoded[BASE64URL_LENGTH(KEYRING_KEY_SIZE) + 1];
        char date[16];
        struct tm utc;
        time_t now = time(NULL);

        random_bytes(key, sizeof key);
        random_bytes(suffix, sizeof suffix);
        base64url_encode(key, sizeof key, encoded);
        strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &utc));
        text->size += (size_t) snprintf(text->data + text->size, sizeof text->data - text->size,
                                        "%s %s-%02x%02x%02x%02x %s\n", names[kind], date, suffix[0], suffix[1],
                                        suffix[2], suffix[3], encoded);
        memory_erase(key, sizeof key);
        memory_erase(encoded, sizeof encoded);
}

static int write_and_sync(int fd, const struct text *text) {
        for (size_t done = 0; done < text->size;) {
                ssize_t n = write(fd, text->data + done, text->size - done);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                done += (size_t) n;
        }
        return fsync(fd) < 0 ? -errno : 0;
}

/* The new name is on disk only when its folder is. */
static int sync_folder(const char *path) {
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *folder = slash ? strndup(path, slash == path ? 1 : (size_t) (slash - path))
                                            : memory_copy_string(".");
        _cleanup_(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Writes a file that was not there before; leaves none behind on failure. `owner` is whose it becomes: root may add a
 * key to a file of the service's user, who must still be able to read it. */
static int write_new(const char *path, const struct text *text, uid_t owner, struct keyring_fault *ret_fault) {
        _cleanup_(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return refuse(ret_fault, errno, errno == EEXIST ? "there is such a file already"
                                                                : "the file could not be made");
        int r = fchmod(fd, 0600) < 0 || (owner != geteuid() && fchown(fd, owner, (gid_t) -1) < 0)
                        ? -errno
                        : write_and_sync(fd, text);
        if (r < 0) {
                unlink(path);
                return refuse(ret_fault, -r, "the file could not be written");
        }
        return 0;
}

int keyring_generate(const char *path, struct keyring_fault *ret_fault) {
        _cleanup_text_ struct text *text = text_new();
        text->size = (size_t) snprintf(text->data, sizeof text->data,
                                       "# Keys of this site. Whoever has this file and the database can read every "
                                       "record;\n# without it nobody can. Keep a copy offline, away from the "
                                       "database's backups.\n");
        for (enum keyring_kind kind = 0; kind < KEYRING_KINDS; kind++)
                append_fresh_key(text, kind);
        int r = write_new(path, text, geteuid(), ret_fault);
        if (r < 0)
                return r;
        r = sync_folder(path);
        return r < 0 ? refuse(ret_fault, -r, "the folder could not be written to disk") : 0;
}

int keyring_add(const char *path, enum keyring_kind kind, struct keyring_fault *ret_fault) {
        if (kind == KEYRING_INDEX)
                return refuse(ret_fault, EINVAL, "an index key cannot be added: every blind index would change");

        _cleanup_text_ struct text *text = text_new();
        int r = read_text(path, false, text, ret_fault);
        if (r < 0)
                return r;
        if (text->size > KEYRING_FILE_MAX)
                return refuse(ret_fault, EINVAL, "the keyring is larger than 16 KiB");
        if (text->size && text->data[text->size - 1] != '\n')
                text->data[text->size++] = '\n';
        append_fresh_key(text, kind);

        /* What is about to replace the file must load, the new line included. */
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        r = keyring_parse(text->data, text->size, &keyring, ret_fault);
        if (r < 0)
                return r;

        struct stat st;
        char fresh[PATH_MAX];
        if (stat(path, &st) < 0)
                return refuse(ret_fault, errno, "the file could not be examined");
        if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int) sizeof fresh)
                return refuse(ret_fault, ENAMETOOLONG, "the path is too long");
        r = write_new(fresh, text, st.st_uid, ret_fault);
        if (r < 0)
                return r;
        if (rename(fresh, path) < 0) {
                r = -errno;
                unlink(fresh);
                return refuse(ret_fault, -r, "the file could not be replaced");
        }
        r = sync_folder(path);
        return r < 0 ? refuse(ret_fault, -r, "the folder could not be written to disk") : 0;
}
