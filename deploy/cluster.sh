# shellcheck shell=bash disable=SC2154 # the caller's variables
# A private PostgreSQL for the demonstration and the tests, and Upstander on it: its own data folder, a unix socket in a
# short private folder, no TCP. To be sourced after deploy/lib.sh.
#
# The caller sets
#   account      the system user that everything runs as; another one than the caller only if the caller is root
#   cluster      the data folder, an absolute path below one that $account may write to
#   durability   "default", or "none" for tests that need not survive the machine
# and is given
#   socket       the folder of the socket, by socket_make
#   cluster_pid, serve_pid  the servers, children of this shell, by cluster_start and serve_start

postgres_bin=/usr/lib/postgresql/15/bin
cluster_pid='' serve_pid=''

# Becomes the command, as $account and in a folder that it may enter. The command is told to stop (SIGINT: in an orderly
# way) if the shell that started it dies without having stopped it. Use it in the background; as_account waits.
become_account() {
    local -a identity=()
    if [[ $EUID -eq 0 && $account != root ]]; then
        identity=(--reuid="$account" --regid="$(id -g -- "$account")" --init-groups --no-new-privs)
        export HOME=/nonexistent
    fi
    cd /
    exec setpriv "${identity[@]}" --pdeathsig INT -- "$@"
}

as_account() { (become_account "$@"); }

# A socket's path has at most 107 bytes and every other user must stay out, so it lies in a folder of its own.
socket_make() {
    local base=/tmp
    [[ $EUID -ne 0 ]] || base=/run
    socket=$(mktemp -d "$base/upstander-XXXXXX")
    [[ $EUID -ne 0 ]] || chown "$account:" "$socket"
}

# Makes the cluster if there is none; LOG takes what is said. It appears whole or not at all.
cluster_make() {
    local log=$1
    local -a options=(--username=postgres --encoding=UTF8 --locale=C.UTF-8 --auth=peer --data-checksums)
    [[ ! -e $cluster/PG_VERSION ]] || return 0
    [[ $durability == default ]] || options+=(--no-sync)
    as_account rm -rf -- "$cluster.new"
    as_account "$postgres_bin/initdb" "${options[@]}" --pgdata="$cluster.new" >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        die "PostgreSQL could not make its data folder $cluster."
    }
    as_account mv -T -- "$cluster.new" "$cluster"
}

cluster_write() { as_account tee -- "$cluster/$1" >/dev/null; }

# Lets $account, and the caller, sign in as the roles and nobody else as any. Nothing that is logged holds content:
# neither parameters nor the text or DETAIL of a failed statement.
cluster_configure() {
    local role user
    {
        cat <<CONF
# Written at every start.
listen_addresses = ''
unix_socket_directories = '$socket'
unix_socket_permissions = 0700
cluster_name = 'upstander'
max_connections = 60
deadlock_timeout = 100ms
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_min_error_statement = panic
log_line_prefix = '%m [%p] %q%u@%d '
CONF
        [[ $durability == default ]] || printf '%s = off\n' fsync synchronous_commit full_page_writes
    } | cluster_write postgresql.conf
    printf '%s\n' '# Written at every start.' 'local all all peer map=upstander' | cluster_write pg_hba.conf
    for role in postgres upstander_serve upstander_work; do
        for user in "$account" "$(id -un)"; do
            printf 'upstander  "%s"  %s\n' "$user" "$role"
        done
    done | sort -u | cluster_write pg_ident.conf
}

# A server that was killed leaves its postmaster.pid, and the number in it may since be another program's, which would
# keep the server from starting. One that is ours and still runs is an orphan and is stopped. The caller makes sure that
# nobody else uses the folder.
cluster_clear() {
    local pid=''
    [[ -e $cluster/postmaster.pid ]] || return 0
    read -r pid <"$cluster/postmaster.pid" || :
    if [[ $pid =~ ^[0-9]+$ && $(readlink "/proc/$pid/cwd") == "$(readlink -f -- "$cluster")" ]]; then
        as_account "$postgres_bin/pg_ctl" stop --pgdata="$cluster" --mode=fast --silent --timeout=60 ||
            die "PostgreSQL is still running in $cluster and did not stop. Its process is $pid."
    fi
    as_account rm -f -- "$cluster/postmaster.pid"
}

# Starts the server; LOG takes its output. In a session of its own, so that Ctrl-C reaches the caller alone, which stops
# the server last.
cluster_start() {
    local log=$1 n
    cluster_clear
    cluster_configure
    become_account setsid "$postgres_bin/postgres" -D "$cluster" >>"$log" 2>&1 </dev/null 9>&- &
    cluster_pid=$!
    for ((n = 0; n < 600; n++)); do
        ! "$postgres_bin/pg_isready" --quiet --host="$socket" || return 0
        kill -0 "$cluster_pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    die "PostgreSQL did not start. All that it said is in $log."
}

# Stops the server in an orderly way and waits for it.
cluster_stop() {
    [[ -n $cluster_pid ]] || return 0
    kill -INT "$cluster_pid" 2>/dev/null || :
    wait "$cluster_pid" 2>/dev/null || :
    cluster_pid=''
}

# Runs psql as the superuser of the cluster.
cluster_psql() {
    as_account "$postgres_bin/psql" --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
        --host="$socket" --username=postgres "$@"
}

# command_write FOLDER EXECUTABLE PORT: puts a copy of the executable into the folder, which $account may enter, and
# writes FOLDER/upstander: that copy with the folder's settings, as the right user, told to stop if its caller dies.
command_write() {
    local folder=$1 executable=$2 port=$3
    local -a identity=()
    mkdir -p "$folder/bin"
    install -m 755 "$executable" "$folder/bin/upstander.new"
    mv -T "$folder/bin/upstander.new" "$folder/bin/upstander"
    if [[ $EUID -eq 0 && $account != root ]]; then
        identity=(--reuid="$account" --regid="$(id -g -- "$account")" --init-groups --no-new-privs)
    fi
    {
        printf '#!/bin/bash\n# Upstander on this folder. Written at every start.\n'
        printf 'export %s=%q\n' UPSTANDER_LISTEN_ADDRESS 127.0.0.1 UPSTANDER_LISTEN_PORT "$port" \
            UPSTANDER_KEY_FILE "$folder/keys" \
            UPSTANDER_DATABASE_CONNINFO "host=$socket dbname=upstander user=upstander_serve" \
            UPSTANDER_DATABASE_WORK_CONNINFO "host=$socket dbname=upstander user=upstander_work" \
            UPSTANDER_DATABASE_ADMIN_CONNINFO "host=$socket dbname=upstander user=postgres"
        printf 'exec'
        printf ' %q' setpriv "${identity[@]}" --pdeathsig TERM -- "$folder/bin/upstander" \
            --config "$folder/upstander.ini"
        printf ' "$@"\n'
    } >"$folder/upstander"
    chmod 755 "$folder/upstander"
}

# Makes the database and brings its schema up to date, and makes the keys if there are none.
database_migrate() {
    local folder=$1
    [[ -n $(cluster_psql -d postgres -c "select 1 from pg_database where datname = 'upstander'") ]] ||
        cluster_psql -d postgres -c 'create database upstander'
    "$folder/upstander" admin migrate >&2
    [[ -e $folder/keys ]] || "$folder/upstander" admin key make >"$folder/keys.about"
}

# Whether something answers on a port of 127.0.0.1.
port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# serve_start FOLDER PORT: starts serve as a child of this shell, serve_pid, and waits until it answers.
serve_start() {
    local folder=$1 port=$2 n
    setsid "$folder/upstander" serve >>"$folder/serve.log" 2>&1 </dev/null 9>&- &
    serve_pid=$!
    for ((n = 0; n < 600; n++)); do
        ! port_answers "$port" || return 0
        kill -0 "$serve_pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$folder/serve.log" >&2
    die "Upstander did not start. All that it said is in $folder/serve.log."
}

serve_stop() {
    [[ -n $serve_pid ]] || return 0
    kill -TERM "$serve_pid" 2>/dev/null || :
    wait "$serve_pid" 2>/dev/null || :
    serve_pid=''
}
