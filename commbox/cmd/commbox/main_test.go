package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// long asks for every cell, as "make test-long" does.
var long = os.Getenv("COMMBOX_TEST_LONG") != ""

// actAsCommand makes the test binary the command itself, so that tests can
// start, interrupt and kill it as a process of its own.
const actAsCommand = "COMMBOX_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(actAsCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// command is the command as a process, with nothing of CommBox in its
// environment but env.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "COMMBOX_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(append(cmd.Env, actAsCommand+"=1"), env...)
	return cmd
}

// call runs the command within this process, with nothing of CommBox in its
// environment but env. Tests that use it cannot be parallel.
func call(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	return callWith(t, strings.NewReader(""), env, args...)
}

func callWith(t *testing.T, in io.Reader, env []string, args ...string) outcome {
	t.Helper()
	for _, name := range []string{"API_KEY", "API_KEY_FILE", "STREAM_ID", "BASE_URL"} {
		t.Setenv("COMMBOX_"+name, "")
	}
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), args, in, &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

// outcome is what a run of the command left.
type outcome struct {
	code     exitStatus
	out, err string
}

func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{exitStatus(cmd.ProcessState.ExitCode()), out.String(), errs.String()}
}

// serving starts a CommBox and returns it with the environment of a command
// that uploads to it.
func serving(t *testing.T, opts ...commboxtest.Option) (*commboxtest.Server, []string) {
	t.Helper()
	s := commboxtest.NewServer(opts...)
	t.Cleanup(s.Close)
	return s, []string{"COMMBOX_API_KEY=" + s.Key(), "COMMBOX_STREAM_ID=abc%3d%3d", "COMMBOX_BASE_URL=" + s.URL}
}

// tree makes files in a new directory: their content is their name.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCommands(t *testing.T) {
	for name, tt := range map[string]struct {
		args     []string
		code     exitStatus
		out, err string // parts
	}{
		"no command":      {nil, exitUsage, "", "Usage:"},
		"help":            {[]string{"help"}, exitOK, "COMMBOX_API_KEY_FILE", ""},
		"--help":          {[]string{"--help"}, exitOK, "Usage:", ""},
		"version":         {[]string{"version"}, exitOK, "commbox ", ""},
		"--version":       {[]string{"--version"}, exitOK, "commbox ", ""},
		"unknown topic":   {[]string{"help", "uplaod"}, exitUsage, "", "Did you mean this?\n\tupload\n"},
		"no such command": {[]string{"xyzzy"}, exitUsage, "", "\"commbox help\" shows"},
		"help upload":     {[]string{"help", "upload"}, exitOK, "Uploads files", ""},
		"no address":      {[]string{"serve", "--address", "nowhere"}, exitUsage, "", "missing port"},
		"fault words":     {[]string{"__complete", "serve", "--fault", ""}, exitOK, ":4\n", ""},
		"unknown command": {[]string{"uplaod"}, exitUsage, "", "Did you mean this?\n\tupload\n"},
		"unknown flag":    {[]string{"upload", "--recursiv"}, exitUsage, "", "Did you mean this?\n\t--recursive\n"},
		"swapped letters": {[]string{"upload", "--demo", "x", "--strem=y"}, exitUsage, "", "\t--stream\n"},
		"nothing like it": {[]string{"upload", "--xyzzy"}, exitUsage, "", "unknown flag: --xyzzy\n\"commbox help upload\" shows"},
		"help of upload":  {[]string{"upload", "x", "--help"}, exitOK, "exit status of upload:", ""},
		"no rate":         {[]string{"upload", "x", "--demo", "--bwlimit", "fast"}, exitUsage, "", "such as 500K"},
		"too slow":        {[]string{"upload", "x", "--demo", "--workers", "5", "--bwlimit", "19K"}, exitUsage, "", "4K for each"},
		"no file":         {[]string{"upload", "--demo"}, exitUsage, "", "no files"},
		"no stream":       {[]string{"upload", "x"}, exitUsage, "", "COMMBOX_STREAM_ID"},
		"bad stream":      {[]string{"upload", "x", "--demo", "--stream", ".."}, exitUsage, "", "stream ID \"..\" would address another path"},
		"no key":          {[]string{"upload", "x", "--stream", "s"}, exitUsage, "", "Settings > API"},
		"stdin, no name":  {[]string{"upload", "-", "--demo"}, exitUsage, "", "--name"},
		"name, no stdin":  {[]string{"upload", "x", "--demo", "--name", "y"}, exitUsage, "", "--name"},
		"stdin twice":     {[]string{"upload", "-", "-", "--demo", "--name", "y"}, exitUsage, "", "only once"},
		"no workers":      {[]string{"upload", "x", "--demo", "--workers", "0"}, exitUsage, "", "--workers"},
		"no such folder":  {[]string{"upload", "samples", "--demo", "--failed", "gone/list"}, exitUsage, "", "gone"},
		"empty name":      {[]string{"upload", "", "--demo"}, exitUsage, "", "empty file name"},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, nil, tt.args...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("exit %d, want %d; stdout %q, want %q; stderr %q, want %q",
					got.code, tt.code, got.out, tt.out, got.err, tt.err)
			}
			if tt.out == "" && got.out != "" {
				t.Errorf("standard output has %q", got.out)
			}
		})
	}
}
