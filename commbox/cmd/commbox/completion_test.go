package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the shells are asked to complete: a command, and a flag of it.
var shells = map[string]struct{ command, flag string }{
	"bash": {
		`. /usr/share/bash-completion/bash_completion; . <(commbox completion bash)
COMP_LINE='commbox upl' COMP_POINT=11 COMP_WORDS=(commbox upl) COMP_CWORD=1; __start_commbox; echo "${COMPREPLY[@]}"`,
		`. /usr/share/bash-completion/bash_completion; . <(commbox completion bash)
COMP_LINE='commbox upload --recu' COMP_POINT=21 COMP_WORDS=(commbox upload --recu) COMP_CWORD=2; __start_commbox; echo "${COMPREPLY[@]}"`,
	},
	"zsh": { // a shell within the shell, whose keys are pressed
		`zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z 'autoload -U compinit; compinit -u -D; . <(commbox completion zsh); PS1=; echo rea""dy'
zpty -r z out '*ready*'; zpty -w -n z $'commbox upl\t-\x01echo \n'; zpty -r z out '*upload -*' && print -r -- "$out"`,
		`zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z 'autoload -U compinit; compinit -u -D; . <(commbox completion zsh); PS1=; echo rea""dy'
zpty -r z out '*ready*'; zpty -w -n z $'commbox upload --recu\t-\x01echo \n'; zpty -r z out '*--recursive -*' && print -r -- "$out"`,
	},
	"fish": {
		`commbox completion fish | source; complete -C 'commbox upl'`,
		`commbox completion fish | source; complete -C 'commbox upload --recu'`,
	},
}

func TestShellsComplete(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for shell, ask := range shells {
		cases := map[string]string{"--recursive": ask.flag}
		if long {
			cases["upload"] = ask.command
		}
		for want, script := range cases {
			t.Run(shell+" "+want, func(t *testing.T) {
				t.Parallel()
				path, err := exec.LookPath(shell)
				if err != nil {
					t.Skip(shell + " is not installed")
				}
				if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); shell == "bash" && err != nil {
					t.Skip("bash-completion is not installed")
				}
				dir := t.TempDir()
				if err := os.Symlink(self, filepath.Join(dir, "commbox")); err != nil {
					t.Fatal(err)
				}
				cmd := exec.CommandContext(t.Context(), path, "-c", script)
				cmd.Env = append(os.Environ(), actAsCommand+"=1", "HOME="+dir, "PATH="+dir+":"+os.Getenv("PATH"))
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), want) {
					t.Errorf("%v: %q", err, out)
				}
			})
		}
	}
}
