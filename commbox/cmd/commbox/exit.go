package main

import (
	"context"
	"errors"

	"github.com/commbox-go/client/commbox"
)

// exitStatus ends the command without another word.
type exitStatus int

func (exitStatus) Error() string { return "failed" }

const (
	exitOK          exitStatus = 0
	exitFailed      exitStatus = 1   // another run would fail in the same way
	exitUsage       exitStatus = 2   // the command line or the environment cannot work
	exitTryAgain    exitStatus = 3   // another run may help
	exitRefused     exitStatus = 4   // CommBox refused the key
	exitInterrupted exitStatus = 130 // ctrl-C or SIGTERM
)

const exitHelp = `exit status of upload:
  0    every file was uploaded, or the journal held it as done
  1    some were not, and another run would fail in the same way
  2    the command line, the environment or the journal cannot work
  3    some were not, but another run may help: with --journal, what is missing
  4    CommBox refused the API key; the other files were not tried
  130  interrupted`

// worse is the status of a run in which a file ended with err after all others
// gave the status so far.
func (e exitStatus) worse(err error) exitStatus {
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return e
	case e == exitRefused || refusedKey(err):
		return exitRefused
	}
	if _, again := commbox.RetryLater(err); again || e == exitTryAgain {
		return exitTryAgain
	}
	return exitFailed
}

// refusedKey reports whether no other file can fare better than the one that
// failed with err.
func refusedKey(err error) bool {
	var e *commbox.Error
	return errors.As(err, &e) && (e.StatusCode == 401 || e.StatusCode == 403)
}
