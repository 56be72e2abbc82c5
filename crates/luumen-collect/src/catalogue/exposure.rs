//! What the host offers to others and when it acts by itself: services, timers, ports, certificates, clock.

use luumen_model::{
    PrivilegeTier::{Extended, Standard},
    SectionKind::{Certificates, ListeningPorts, Mounts, Services, TimeSync, Timers, Vitals},
};

use crate::command::ReadCommand;

pub(super) const COMMANDS: &[ReadCommand] = &[
    ReadCommand::shell(
        "services.units",
        &[Services, TimeSync],
        "Lists services and whether they run.",
        "systemctl list-units --type=service --all --plain --no-legend --no-pager --full",
    )
    .when("[ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1")
    .bounded(10, 2 << 20),
    ReadCommand::shell(
        "services.unit_files",
        &[Services, Timers],
        "Lists services and timers and whether they start at boot.",
        "systemctl list-unit-files --type=service,timer --no-legend --no-pager --full",
    )
    .when("[ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1")
    .bounded(10, 2 << 20),
    ReadCommand::shell("services.openrc", &[Services], "Lists services of OpenRC.", "rc-status -s -C")
    .lenient()
        .on("Alpine")
        .when("[ -d /run/openrc ] && command -v rc-status >/dev/null 2>&1")
        .bounded(10, 1 << 20),
    ReadCommand::files(
        "timers.cron",
        &[Timers],
        "Reads the system's cron jobs.",
        &["/etc/crontab", "/etc/cron.d/*", "/etc/anacrontab"],
    )
    .closed_read_by("timers.closed"),
    // CIS has all of them closed to others.
    ReadCommand::sudo(
        "timers.closed",
        &[Timers],
        "Reads the system's cron jobs where hardening has closed them to others.",
        Extended,
        &["/usr/bin/grep", "/bin/grep"],
        "-R -e . /etc/crontab /etc/cron.d /etc/anacrontab",
    )
    .lenient()
    .when(
        "{ c=; for f in /etc/crontab /etc/anacrontab /etc/cron.d /etc/cron.d/*; do \
         if [ -e \"$f\" ] && { [ ! -r \"$f\" ] || { [ -d \"$f\" ] && [ ! -x \"$f\" ]; }; }; then c=1; fi; done; [ \"$c\" ]; }",
    ),
    ReadCommand::sudo(
        "timers.user_crontabs",
        &[Timers],
        "Reads the cron jobs of users.",
        Extended,
        &["/usr/bin/grep", "/bin/grep"],
        // Alpine's spool is a link to the other folder. Links are not followed, as cron follows none: who may write to the
        // spool would choose what root reads.
        "-r -e . /var/spool/cron /etc/crontabs",
    )
    .lenient()
    .when("[ -d /var/spool/cron ] || [ -d /etc/crontabs ]"),
    ReadCommand::files(
        "time_sync.files",
        &[TimeSync],
        "Reads which time servers the host is told to use.",
        &[
            "/etc/chrony.conf",
            "/etc/chrony/chrony.conf",
            "/etc/chrony/conf.d/*.conf",
            "/etc/chrony/sources.d/*.sources",
            "/etc/chrony.d/*.conf",
            "/etc/ntp.conf",
            "/etc/ntpsec/ntp.conf",
            "/etc/openntpd/ntpd.conf",
            "/etc/systemd/timesyncd.conf",
            "/etc/systemd/timesyncd.conf.d/*.conf",
        ],
    ),
    ReadCommand::shell("time_sync.chrony", &[TimeSync], "Asks chrony whether the clock is right.", "chronyc -n tracking")
    .lenient()
        .when("[ -e /run/chrony ] && command -v chronyc >/dev/null 2>&1")
        .within(5),
    ReadCommand::shell(
        "certificates.pem",
        &[Certificates],
        "Reads certificates on the usual paths; lines between a private key's marks are never printed.",
        "for d in /etc/ssl /etc/pki/tls/certs /etc/nginx /etc/nginx/ssl /etc/nginx/certs /etc/apache2/ssl /etc/httpd/ssl \
         /etc/httpd/conf/ssl.crt /etc/haproxy /etc/haproxy/certs /etc/letsencrypt /etc/letsencrypt/live /etc/letsencrypt/live/* \
         /etc/postgresql/*/* /var/lib/pgsql /var/lib/pgsql/data /etc/mysql /etc/dovecot /etc/postfix /etc/kubernetes/pki \
         /etc/cockpit/ws-certs.d /etc/stunnel; do if [ -d \"$d\" ] && ! { [ -r \"$d\" ] && [ -x \"$d\" ]; }; then echo \"closed $d\"; fi; done; \
         set --; for f in /etc/ssl/*.crt /etc/ssl/*.pem /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/pki/tls/certs/localhost.crt \
         /etc/pki/tls/certs/*.pem /etc/nginx/*.crt /etc/nginx/*.pem /etc/nginx/ssl/*.crt /etc/nginx/ssl/*.pem \
         /etc/nginx/certs/*.crt /etc/nginx/certs/*.pem /etc/apache2/ssl/*.crt /etc/apache2/ssl/*.pem /etc/httpd/ssl/*.crt \
         /etc/httpd/ssl/*.pem /etc/httpd/conf/ssl.crt/*.crt /etc/haproxy/*.pem /etc/haproxy/certs/*.pem \
         /etc/letsencrypt/live/*/cert.pem /etc/postgresql/*/*/*.crt /var/lib/pgsql/data/*.crt /etc/mysql/*.pem \
         /etc/dovecot/*.pem /etc/postfix/*.pem /etc/kubernetes/pki/*.crt /etc/cockpit/ws-certs.d/*.cert /etc/stunnel/*.pem; do \
         if [ ! -f \"$f\" ]; then :; elif [ -r \"$f\" ]; then set -- \"$@\" \"$f\"; else echo \"denied $f\"; fi; done; \
         [ $# -eq 0 ] || $T 20 awk 'function tell() { if (n > 20) print \"holds \" n } \
         FNR == 1 { tell(); print \"file \" FILENAME; on = 0; n = 0 } /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/ { on = (n < 20); n++ } \
         on { print } /-----END/ { on = 0 } END { tell() }' \"$@\"",
    )
    .lenient(),
    ReadCommand::sudo(
        "certificates.closed",
        &[Certificates],
        "Reads Let's Encrypt's certificates, whose folder is closed to others; lines between a private key's marks are never printed.",
        Extended,
        &["/usr/bin/find"],
        "-L /etc/letsencrypt/live -maxdepth 2 -name cert.pem -exec /usr/bin/awk 'FNR == 1 { print \"file \" FILENAME; on = 0 } \
         /-----BEGIN CERTIFICATE-----/ { on = 1 } on { print } /-----END/ { on = 0 }' {} +",
    )
    .lenient()
    .when("[ -d /etc/letsencrypt ] && [ ! -x /etc/letsencrypt/live ]"),
    ReadCommand::shell(
        "listening_ports.ss",
        &[ListeningPorts],
        "Lists listening sockets; owners of foreign sockets show only to root.",
        "ss -Htulnpe",
    )
    .when("[ \"$root\" != 1 ] && command -v ss >/dev/null 2>&1")
    .within(10),
    ReadCommand::sudo(
        "listening_ports.ss_sudo",
        &[ListeningPorts],
        "Lists listening sockets with the programs that own them.",
        Standard,
        &["/usr/bin/ss", "/usr/sbin/ss", "/bin/ss", "/sbin/ss"],
        "-Htulnpe",
    ),
    ReadCommand::shell(
        "listening_ports.proc",
        &[ListeningPorts],
        "Lists listening sockets where there is no ss.",
        "grep -sH -E ' 0A |^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:0000 07 ' /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6",
    )
    .lenient()
    .when("! command -v ss >/dev/null 2>&1")
    .bounded(10, 2 << 20),
    ReadCommand::shell(
        "mounts.df",
        &[Mounts, Vitals],
        "Says how large and how full file systems are.",
        "df -B1 --output=target,size,used,avail,itotal,iused",
    )
    .lenient()
    .or_else("df -kP")
    .within(5),
];
