// Lists of hosts as other programs write them, each with something that cannot be taken over.

const PUTTY = [
  "Windows Registry Editor Version 5.00",
  "",
  "[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions]",
  "",
  "[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\Default%20Settings]",
  '"HostName"=""',
  '"Protocol"="ssh"',
  '"PortNumber"=dword:00000016',
  "",
  "[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\B%C3%BCro%20web]",
  '"HostName"="deploy@putty-1.example.com"',
  '"Protocol"="ssh"',
  '"PortNumber"=dword:000008ae',
  '"ProxyMethod"=dword:00000002',
  '"ProxyHost"="proxy.example.com"',
  '"ProxyPort"=dword:00000438',
  '"ProxyPassword"="hunter2"',
  '"PortForwardings"="L8080=localhost:80"',
  '"RemoteCommand"="tmux attach"',
  "",
  "[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\switch]",
  '"HostName"="192.0.2.9"',
  '"Protocol"="telnet"',
  "",
].join("\r\n");

const CSV = [
  "name;address;ip;user;port;group;tags;environment;note;password;colour",
  'csv-1;192.0.2.11;;root;2222;Shop/Web;"old,web";live;the first;hunter2;red',
  "csv-2;;192.0.2.12;;;Shop/Web;web;Produktion;;;",
  "csv-3;;;root;22;;;;;;",
  "",
].join("\r\n");

const ANSIBLE = `# what the playbooks know
mail ansible_host=192.0.2.21 ansible_user=root ansible_password=hunter2

[web]
web[1:2].example.com ansible_port=2222

[winners]
desk ansible_connection=winrm

[prod:children]
web

[prod:vars]
ansible_user=deploy
ansible_ssh_common_args='-o ProxyJump=ann@gate.example.com:2200'
`;

const TERMIUS = [
  "Groups,Label,Tags,Hostname/IP,Protocol,Port,Username,Password,SSH_KEY",
  "Home/Attic,termius-1,nas,192.0.2.31,ssh,22,ada,hunter2,",
  "Home,termius-2,,192.0.2.32,telnet,23,ada,,",
  "",
].join("\n");

const MOBAXTERM = [
  "[Bookmarks]",
  "SubRep=",
  "ImgNum=42",
  "moba-1= #109#0%192.0.2.41%22%<default>%%-1%-1%%%22%%0%0%0%%%-1%0%0%0%%1080%%0%0%1#MobaFont%10%0%0%-1%15%236,236,236%30,30,30%180,180,192%0%-1%0%%xterm%-1%-1%_Std_Colors_0_%80%24%0%1%-1%<none>%%0%0%-1%0%#0# #-1",
  "[Bookmarks_1]",
  "SubRep=Shop\\Cellar",
  "ImgNum=41",
  "moba-2= #109#0%moba-2.example.com%2222%deploy%%-1%-1%htop%gate.example.com%2200%ann%0%0%0%%%-1%0%0%0%%1080%%0%0%1#MobaFont%10#0# #-1",
  "desk= #91#4%192.0.2.43%3389%admin%0%0%0%0%-1%0%0%-1%%%%%0%0%%-1%%-1%-1%0%-1%0%-1#MobaFont%10#0# #-1",
  "",
].join("\r\n");

const MREMOTENG = `<?xml version="1.0" encoding="utf-8"?>
<mrng:Connections xmlns:mrng="http://mremoteng.org" Name="Connections" Export="false" EncryptionEngine="AES" BlockCipherMode="GCM" KdfIterations="1000" FullFileEncryption="false" Protected="GiUis20DIbnYzWPcdaQKfjE2H5jh//L5v4RGrJMGNXuIq2CttB/d/BxaBP2LwRhY" ConfVersion="2.6">
  <Node Name="Cellar" Type="Container" Expanded="true" Username="deploy" Port="2222" Protocol="SSH2">
    <Node Name="Racks &amp; rows" Type="Connection" Descr="behind the door" Hostname="192.0.2.51" Protocol="SSH2" Username="" Port="22" InheritUsername="true" InheritPort="true" Password="aEWNFV5uGcjUHF0uS17QTdT9kVqtKCPeoC0Nw5dmaPFjNQ2kt/zO5xDqE4HdVmHAowVRdC7emf7lWWA10dQKiw==" PuttySession="Default Settings" OpeningCommand="sudo -i" />
    <Node Name="desk" Type="Connection" Hostname="192.0.2.52" Protocol="RDP" Username="" Port="3389" Password="" />
  </Node>
</mrng:Connections>
`;

const LUUMEN = `${JSON.stringify(
  {
    format: "luumen-hosts",
    version: 1,
    hosts: [
      { name: "own-1", address: "192.0.2.61", user: "root", port: 2222, group: ["Own", "Inner"], tags: ["kept"], note: "from another device", key_file: "~/.ssh/not-here" },
    ],
  },
  null,
  2,
)}\n`;

/** As regedit writes: UTF-16 with a mark in front. */
const asRegedit = (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);

/**
 * One for each program: its file, the hosts that are in it (name, place, groups), what of them is not taken over, and what is not taken at all.
 */
export const LISTS = [
  {
    from: "PuTTY sessions",
    file: "putty.reg",
    bytes: asRegedit(PUTTY),
    hosts: [["Büro web", "deploy@putty-1.example.com:2222", ""]],
    without: ["remote command", "proxy password (not read)"],
    problems: [["switch", "it is a telnet session; only SSH is taken"]],
  },
  {
    from: "CSV",
    file: "hosts.csv",
    bytes: CSV,
    hosts: [
      ["csv-1", "root@192.0.2.11:2222", "Shop/Web"],
      ["csv-2", "192.0.2.12", "Shop/Web"],
    ],
    without: ["environment Produktion"],
    problems: [
      ["ip", "another column says the same: this one is read only where that one is empty"],
      ["password", "secrets are not read from tables"],
      ["colour", "this column is not known"],
      ["csv-3", "the line has no address"],
    ],
  },
  {
    from: "Ansible inventory",
    file: "hosts.ini",
    bytes: ANSIBLE,
    hosts: [
      ["mail", "root@192.0.2.21", ""],
      ["web1.example.com", "deploy@web1.example.com:2222", "prod/web"],
      ["web2.example.com", "deploy@web2.example.com:2222", "prod/web"],
    ],
    // The jump is no host of the file, and comes with it.
    also: ["ann@gate.example.com:2200"],
    without: ["password (not read)"],
    problems: [["desk", "it is reached by winrm; only SSH is taken"]],
  },
  {
    from: "Termius",
    file: "termius.csv",
    bytes: TERMIUS,
    hosts: [["termius-1", "ada@192.0.2.31", "Home/Attic"]],
    without: [],
    problems: [
      ["Password", "secrets are not read from tables"],
      ["192.0.2.32", "its protocol is telnet; only SSH is taken"],
    ],
  },
  {
    from: "MobaXterm",
    file: "MobaXterm Sessions.mxtsessions",
    bytes: MOBAXTERM,
    hosts: [
      ["moba-1", "192.0.2.41", ""],
      ["moba-2", "deploy@moba-2.example.com:2222", "Shop/Cellar"],
    ],
    without: ["command at sign-in"],
    problems: [["desk", "it is a RDP session; only SSH is taken"]],
  },
  {
    from: "mRemoteNG",
    file: "confCons.xml",
    bytes: MREMOTENG,
    hosts: [["Racks & rows", "deploy@192.0.2.51:2222", "Cellar"]],
    without: ["opening command"],
    problems: [
      ["desk", "its protocol is RDP; only SSH (version 2) is taken"],
      ["passwords", "mRemoteNG's passwords are encrypted and are not read"],
    ],
  },
  {
    from: "Luumen",
    file: "hosts.luumen.json",
    bytes: LUUMEN,
    hosts: [["own-1", "root@192.0.2.61:2222", "Own/Inner"]],
    without: ["key file ~/.ssh/not-here (not there, or not readable without its passphrase)"],
    problems: [],
  },
];
