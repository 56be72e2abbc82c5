//! Which well-known programs and paths exist: shell tests only, not one process is started.

use luumen_model::SectionKind::{
    Applications, Audit, Containers, CryptoPolicy, Firewall, Hardware, Kernel, Network, RebootRequired,
    Services, TimeSync, Timers, Vitals,
};

use crate::command::ReadCommand;

pub(super) const COMMANDS: &[ReadCommand] = &[
    ReadCommand::shell(
        "probe.paths",
        &[Applications, Audit, Containers, CryptoPolicy, Firewall, Hardware, Kernel, RebootRequired, Services, TimeSync],
        "Says which well-known programs and marker files exist, so that absence is known and not guessed; and which folders of \
         programs are closed to the account.",
        "for f in /run/systemd/system /sys/firmware/efi /.dockerenv /run/.containerenv /run/reboot-required \
         /var/run/reboot-required /run/systemd/timesync/synchronized /run/openrc/softlevel /boot/vmlinuz-* \
         /lib/modules/* /usr/lib/modules/* /sys/kernel/livepatch/* \
         /usr/sbin/auditd /sbin/auditd /usr/sbin/nft /sbin/nft /usr/sbin/iptables /sbin/iptables /usr/bin/firewall-cmd \
         /usr/sbin/ufw /usr/bin/docker /usr/bin/dockerd /usr/bin/podman /usr/bin/containerd /usr/bin/crio /usr/bin/crictl \
         /usr/local/bin/crictl /usr/local/bin/k3s /usr/bin/k3s \
         /usr/sbin/nginx /usr/local/nginx/sbin/nginx /usr/sbin/apache2 /usr/sbin/httpd /usr/sbin/haproxy \
         /usr/sbin/squid /usr/sbin/varnishd /usr/bin/caddy /usr/bin/traefik \
         /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/bin/postgres \
         /usr/sbin/mysqld /usr/libexec/mysqld /usr/sbin/mariadbd /usr/libexec/mariadbd /usr/bin/mongod \
         /usr/bin/redis-server /usr/bin/valkey-server /usr/bin/memcached /usr/sbin/rabbitmq-server \
         /usr/bin/java /usr/lib/jvm/*/bin/java /opt/*/bin/java /opt/*/jre/bin/java \
         /usr/bin/node /usr/local/bin/node /usr/bin/php /usr/local/bin/php /usr/sbin/php-fpm* /usr/bin/ruby /usr/bin/perl \
         /usr/bin/python3 /usr/local/bin/python3 /usr/bin/go /usr/local/go/bin/go /usr/bin/dotnet \
         /usr/bin/openssl /usr/local/bin/openssl /usr/sbin/sshd /usr/bin/sudo /usr/sbin/named /usr/sbin/unbound \
         /usr/sbin/dnsmasq /usr/sbin/smbd /usr/sbin/postfix /usr/sbin/exim4 /usr/sbin/sendmail /usr/sbin/dovecot \
         /usr/sbin/vsftpd /usr/sbin/proftpd /usr/sbin/slapd /usr/sbin/chronyd /usr/sbin/ntpd \
         /usr/bin/git /usr/bin/curl /usr/bin/kubelet /usr/bin/kubectl /usr/sap /hana/shared \
         /opt/tomcat*/lib/catalina.jar /usr/share/tomcat*/lib/catalina.jar; \
         do [ -e \"$f\" ] && echo \"$f\"; done; \
         for d in /opt /usr/lib/jvm /usr/lib/postgresql; do [ -d \"$d\" ] && [ ! -r \"$d\" ] && echo \"closed $d\"; done; \
         for d in /opt /opt/* /opt/*/bin /opt/*/jre /opt/*/jre/bin /opt/tomcat*/lib /usr/local/bin /usr/local/go /usr/local/go/bin \
         /usr/local/nginx /usr/local/nginx/sbin /usr/lib/jvm /usr/lib/jvm/* /usr/lib/jvm/*/bin /usr/lib/postgresql \
         /usr/lib/postgresql/* /usr/lib/postgresql/*/bin /usr/pgsql-* /usr/pgsql-*/bin /usr/share/tomcat* /usr/share/tomcat*/lib; do \
         case $d in */lost+found) continue;; esac; [ -d \"$d\" ] && [ ! -x \"$d\" ] && echo \"closed $d\"; done",
    )
    .lenient(),
    ReadCommand::shell(
        "probe.links",
        &[Services, Timers, Vitals, Network],
        "Lists service links, cron directories and login sessions by name.",
        "for f in /etc/systemd/system/*.wants/* /etc/systemd/system/*.requires/* /etc/rc[2-5].d/S* /etc/runlevels/*/* \
         /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* /etc/periodic/*/* \
         /run/systemd/sessions/* /sys/class/net/*/bridge /sys/class/net/*/bonding /sys/class/net/*/wireless; \
         do [ -e \"$f\" ] || [ -L \"$f\" ] && echo \"$f\"; done; \
         for d in /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly /etc/periodic /etc/periodic/*; do \
         if [ -d \"$d\" ] && ! { [ -r \"$d\" ] && [ -x \"$d\" ]; }; then echo \"closed $d\"; fi; done",
    )
    .lenient(),
];
