// The lines with which bash and zsh mark their commands (OSC 133). A person adds them on the host; nothing here writes them.
// They stand here as a shell reads them: a backslash before `$` belongs to TypeScript's template, so there is none in the text.

const BASH = [
  "# ~/.bashrc",
  String.raw`__mark() { local e=$?; printf '\e]133;D;%s\a\e]133;A\a' "$e"; return "$e"; }`,
  'PROMPT_COMMAND="__mark${PROMPT_COMMAND:+;$PROMPT_COMMAND}"',
  String.raw`PS1="$PS1\[\e]133;B\a\]"`,
  String.raw`PS0='\e]133;C\a'`,
].join("\n");

// zsh reads `\e` in a prompt only within $'…', and keeps hooks in lists, so that those which are there go on.
const ZSH = [
  "# ~/.zshrc",
  String.raw`__mark() { print -Pn '\e]133;D;%?\a\e]133;A\a' }`,
  String.raw`__mark_output() { print -n '\e]133;C\a' }`,
  "precmd_functions=(__mark $precmd_functions)",
  "preexec_functions+=(__mark_output)",
  String.raw`PS1="$PS1"$'%{\e]133;B\a%}'`,
].join("\n");

export const SHELL_MARKS = { bash: BASH, zsh: ZSH } as const;

export type MarkedShell = keyof typeof SHELL_MARKS;
