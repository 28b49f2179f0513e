//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/commbox-go/client/commbox"
)

// starve opens files until there are no descriptors left, and uploads.
func (p *probe) starve(path string, r *reply) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	low := limit
	low.Cur = min(limit.Cur, 64)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		return err
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) }()
	var open []*os.File
	defer func() {
		for _, f := range open {
			_ = f.Close()
		}
	}()
	for {
		f, err := os.Open(os.DevNull)
		if errors.Is(err, syscall.EMFILE) {
			break
		}
		if err != nil {
			return err
		}
		open = append(open, f)
	}
	_, err := p.client.UploadMedia(context.Background(), "abc%3d%3d", commbox.FromPath(path))
	if err == nil {
		return errors.New("an upload without a descriptor is no failure")
	}
	_, r.Again = commbox.RetryLater(err)
	r.Invalid = errors.Is(err, commbox.ErrInvalidInput)
	r.Said = err.Error()
	return nil
}
