package main

import (
	"os/exec"
	"syscall"
)

// endWithParent has the system end a process when the tests end in a way that
// runs no cleanup: a timeout, a panic, a kill.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
