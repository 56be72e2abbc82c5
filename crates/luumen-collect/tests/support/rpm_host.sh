# Makes an rpm host of this machine: real packages, real repositories with security fixes and module streams, and what is
# held back. Needs rpmbuild, createrepo_c and rpm. Runs in an overlay.
set -e
work=/srv/luumen-rpm
rm -rf $work /var/lib/rpm /etc/yum.repos.d /etc/zypp/repos.d /var/cache/dnf /var/cache/zypp
mkdir -p $work/specs $work/there $work/base $work/app $work/off /etc/rpm /var/lib/rpm /etc/yum.repos.d /etc/zypp/repos.d

# make FOLDER NAME EPOCH VERSION RELEASE ARCH VENDOR [MODULE]
make() {
  {
    [ -z "$8" ] || echo "ModularityLabel: $8"
    [ "$3" = 0 ] || echo "Epoch: $3"
    printf 'Name: %s\nVersion: %s\nRelease: %s\nVendor: %s\nSummary: sample\nLicense: none\n%%description\nsample\n%%files\n' "$2" "$4" "$5" "$7"
  } >$work/specs/one.spec
  rpmbuild -bb --quiet --target "$6-linux" --define "_topdir $work/build" --define "_rpmdir $work/$1" $work/specs/one.spec >/dev/null 2>&1
}

make there bash 0 5.1.8 9.el9 x86_64 Maker
make there openssl-libs 1 3.0.7 27.el9 x86_64 Maker
make there kernel 0 5.14.0 427.13.1.el9_4 x86_64 Maker
make there kernel 0 5.14.0 427.20.1.el9_4 x86_64 Maker
make there glibc 0 2.34 100.el9 x86_64 Maker
make there tzdata 0 2024a 1.el9 noarch Maker
make there ours 0 1 1 x86_64 Us
make there moved 0 1.0 1.el9 x86_64 Maker
make there kept 0 1.0 1.el9 x86_64 Maker
make there locked 0 1.0 1.el9 x86_64 Maker
make there llc 0 1 1 x86_64 'SUSE LLC <https://www.suse.com/>'
make there gmbh 0 1 1 x86_64 'SUSE LLC <https://www.suse.com/>'
make there leap 0 1 1 x86_64 'SUSE LLC <https://www.suse.com/>'
make there shared 0 1 1 x86_64 Us
make there nodejs 1 18.14.2 3.module+el9 x86_64 Maker nodejs:18:90:aaaa
make there postgresql 0 13.1 1.module+el9 x86_64 Maker postgresql:13:90:aaaa

make base bash 0 5.1.8 9.el9 x86_64 Maker
make base openssl-libs 1 3.0.7 28.el9_4 x86_64 Maker
make base openssl-libs 1 3.0.7 31.el9_4 x86_64 Maker
make base openssl-libs 1 3.0.7 31.el9_4 i686 Maker
make base kernel 0 5.14.0 427.16.1.el9_4 x86_64 Maker
make base kernel 0 5.14.0 427.31.1.el9_4 x86_64 Maker
make base glibc 0 2.34 99.el9 x86_64 Maker
make base tzdata 0 2024b 1.el9 noarch Maker
make base absent 0 1 1 x86_64 Maker
make base kept 0 2.0 1.el9 x86_64 Maker
make base locked 0 2.0 1.el9 x86_64 Maker
make base postgresql 0 99.0 1.el9 x86_64 Maker
make base moved 0 3.0 1.el9 x86_64 Maker
make base llc 0 2 1 x86_64 'SUSE LLC <https://www.suse.com/>'
make base gmbh 0 2 1 x86_64 'SUSE Linux Products GmbH & Co'
make base leap 0 2 1 x86_64 openSUSE
make base shared 0 2 1 x86_64 'Friends Inc.'
make app moved 0 2.0~rc1 1.el9 x86_64 Other
make app ours 0 2 1 x86_64 Other
make app nodejs 1 18.20.2 1.module+el9 x86_64 Maker nodejs:18:91:bbbb
make app nodejs 1 20.1.1 1.module+el9 x86_64 Maker nodejs:20:91:cccc
make app postgresql 0 13.9 1.module+el9 x86_64 Maker postgresql:13:91:dddd
make app postgresql 0 16.1 1.module+el9 x86_64 Maker postgresql:16:91:eeee
make off bash 0 6.0 1.el9 x86_64 Maker

for repository in base app off; do createrepo_c --quiet $work/$repository; done
cat >$work/updateinfo.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<updates>
  <update from="maker" status="final" type="security" version="2">
    <id>SAMPLE-2024:1</id><title>openssl</title><severity>Important</severity>
    <pkglist><collection short="base"><name>base</name>
      <package name="openssl-libs" version="3.0.7" release="28.el9_4" epoch="1" arch="x86_64" src="openssl.src.rpm"><filename>a.rpm</filename></package>
    </collection></pkglist>
  </update>
  <update from="maker" status="final" type="bugfix" version="2">
    <id>SAMPLE-2024:2</id><title>tzdata</title>
    <pkglist><collection short="base"><name>base</name>
      <package name="tzdata" version="2024b" release="1.el9" epoch="0" arch="noarch" src="tzdata.src.rpm"><filename>b.rpm</filename></package>
    </collection></pkglist>
  </update>
</updates>
END
modifyrepo_c --mdtype=updateinfo $work/updateinfo.xml $work/base/repodata >/dev/null

stream() { # NAME STREAM CONTEXT PACKAGE
  printf -- '---\ndocument: modulemd\nversion: 2\ndata:\n  name: %s\n  stream: "%s"\n  version: 91\n  context: %s\n  arch: x86_64\n  summary: sample\n  description: >-\n    sample\n  license:\n    module:\n    - MIT\n  artifacts:\n    rpms:\n    - %s\n...\n' "$@"
}
{
  stream nodejs 18 bbbb nodejs-1:18.20.2-1.module+el9.x86_64
  stream nodejs 20 cccc nodejs-1:20.1.1-1.module+el9.x86_64
  stream postgresql 13 dddd postgresql-0:13.9-1.module+el9.x86_64
  stream postgresql 16 eeee postgresql-0:16.1-1.module+el9.x86_64
  printf -- '---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: nodejs\n  stream: "18"\n...\n'
} >$work/modules.yaml
modifyrepo_c --mdtype=modules $work/modules.yaml $work/app/repodata >/dev/null

echo "%_dbpath /var/lib/rpm" >/etc/rpm/macros
rpm --initdb
find $work/there -name '*.rpm' -exec rpm -i --justdb --nodeps --noscripts --ignorearch --ignoreos --nosignature --force {} + 2>/dev/null
chmod -R a+rX /var/lib/rpm $work
repository() { printf '[%s]\nname=%s\nbaseurl=file://%s/%s\nenabled=%s\ngpgcheck=0\n' "$1" "$1" "$work" "$1" "$2"; }
