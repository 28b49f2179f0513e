//go:build unix

package main

import (
	"os"
	"syscall"
)

// lock takes f for this process alone until it is closed, also by the end of
// the process.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
