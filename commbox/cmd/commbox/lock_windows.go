package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock takes f for this process alone until it is closed, also by the end of
// the process. Windows keeps others from reading what is locked, so it is one
// byte far behind the end of any journal.
func lock(f *os.File) error {
	behind := windows.Overlapped{OffsetHigh: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &behind)
}
