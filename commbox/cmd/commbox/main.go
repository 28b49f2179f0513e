// Command commbox puts files into WhatsApp through CommBox and prints the media
// ID of each. "commbox help" is its manual.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/commbox-go/client/commbox"
)

//go:embed help
var manual embed.FS

// help returns the manual of a command.
func help(command string) string {
	text, _ := manual.ReadFile("help/" + command + ".txt")
	return strings.TrimSpace(string(text))
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second ctrl-C then ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(int(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)))
}

// run is the whole command except for the signals. Results go to out, everything else
// goes to errs.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) exitStatus {
	build, _ := debug.ReadBuildInfo() // every build of a module has it
	started := false                  // the command line is not wrong
	root := &cobra.Command{
		Use:              "commbox",
		Long:             help("commbox"),
		Version:          fmt.Sprintf("%s %s %s/%s", build.Main.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH),
		SilenceErrors:    true,
		SilenceUsage:     true,
		PersistentPreRun: func(*cobra.Command, []string) { started = true },
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprint(errs, cmd.UsageString())
			return exitUsage
		},
	}
	if len(args) > 0 && (args[0] == "help" || args[0] == "version") {
		args = append(args[1:], "--"+args[0]) // "help uplaod" then has a suggestion, unlike with cobra's help command
	}
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	root.SetFlagErrorFunc(suggestFlag)
	root.AddCommand(uploadCommand(), checkCommand(), serveCommand())
	cmd, err := root.ExecuteContextC(ctx)
	status := exitOK
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case err == nil, errors.As(err, &status):
		return status
	}
	fmt.Fprintf(errs, "commbox: %s\n", strings.TrimSpace(reason(err)))
	if !started {
		fmt.Fprintf(errs, "%q shows the usage.\n", strings.Replace(cmd.CommandPath(), "commbox", "commbox help", 1))
	}
	return exitUsage
}

// suggestFlag adds similar flags to the error about an unknown flag. Cobra finds only
// similar commands.
func suggestFlag(cmd *cobra.Command, err error) error {
	flags := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	typed, _ := strings.CutPrefix(err.Error(), "unknown flag: --")
	if similar := flags.SuggestionsFor(typed); len(similar) > 0 {
		err = fmt.Errorf("%w\n\nDid you mean this?\n\t--%s", err, strings.Join(similar, "\n\t--"))
	}
	return err
}

// exitStatus is an error that ends the command without a message.
type exitStatus int

func (exitStatus) Error() string { return "failed" }

// A greater status is a worse result. A run has the status of its worst file.
const (
	exitOK          exitStatus = 0
	exitFailed      exitStatus = 1   // another run would fail in the same way
	exitUsage       exitStatus = 2   // the command line or the environment cannot work
	exitTryAgain    exitStatus = 3   // another run may help
	exitRefused     exitStatus = 4   // CommBox refused the key, or it cannot be read
	exitInterrupted exitStatus = 130 // ctrl-C or SIGTERM

	// What "commbox check" can find.
	exitNoKey       exitStatus = 10
	exitExpired     exitStatus = 11
	exitStream      exitStatus = 12
	exitUnreachable exitStatus = 13
	exitTLS         exitStatus = 14
	exitProxy       exitStatus = 15
	exitAccess      exitStatus = 16
)

// statusOf returns the exit status of a run whose only file ended with err.
func statusOf(err error) exitStatus {
	_, again := commbox.RetryLater(err)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, commbox.ErrUnauthorized), errors.Is(err, commbox.ErrKeyUnavailable):
		return exitRefused
	case again:
		return exitTryAgain
	default:
		return exitFailed
	}
}

// reason returns the message of err without the words that all messages have, and in the
// terms of the command.
func reason(err error) string {
	return strings.NewReplacer("commbox: ", "", "upload media: ", "", " (0 attempts)", "",
		"the base URL", "COMMBOX_BASE_URL", ", or WithInsecureHTTP", "://HOST", ", or its ContentType", "").Replace(err.Error())
}

// remedies say what a person can do about an error of each kind, if the reason does not
// say it, and what "commbox check" makes of it. The first one that fits is used.
var remedies = []struct {
	kind error
	finding
}{
	{commbox.ErrKeyUnavailable, finding{"key", "the API key cannot be read: check COMMBOX_API_KEY_FILE", exitNoKey}},
	{commbox.ErrUnauthorized, finding{"access", "CommBox refused the API key, or this IP address: make or look up a valid key in the CommBox console under Settings > API and put it into COMMBOX_API_KEY", exitAccess}},
	{commbox.ErrNotFound, finding{"stream", "CommBox does not know this channel: check the stream ID (--stream or COMMBOX_STREAM_ID) and, if it is set, COMMBOX_BASE_URL", exitStream}},
	{commbox.ErrRateLimited, finding{"access", "CommBox limits how often it may be called: use fewer --workers", exitTryAgain}},
	{commbox.ErrServer, finding{"access", "CommBox, or a proxy before it, failed", exitTryAgain}},
	{commbox.ErrInvalidResponse, finding{"host", "what answers is not CommBox (a login page, a proxy?), or CommBox has changed its API: check COMMBOX_BASE_URL and the proxy", exitUnreachable}},
	{commbox.ErrConnection, finding{"host", "no answer came from CommBox: check the network and COMMBOX_BASE_URL", exitUnreachable}},
	{os.ErrNotExist, finding{says: "a file was not found: check the spelling, and quote names that contain spaces"}},
	{os.ErrPermission, finding{says: "a file may not be read by this user: check its permissions"}},
}

func remedyFor(err error) finding {
	for _, remedy := range remedies {
		if errors.Is(err, remedy.kind) {
			return remedy.finding
		}
	}
	return finding{}
}

// nextSteps say what to do after a run, by its exit status.
var nextSteps = map[exitStatus]string{
	exitTryAgain: "run the same command again later; with --journal FILE it uploads only what is missing\n",
	exitRefused:  "\"commbox check\" tells more\n",
}

// mostNames is the maximum number of files that are named under a reason.
const mostNames = 10

// problems returns a line for each reason or warning, with up to mostNames of its files
// below, and at the end what a person can do.
func problems(rows []row) string {
	groups := make(map[string][]row)
	for _, r := range rows {
		// A user who interrupted an upload knows why it ended.
		unnamed := strings.ReplaceAll(r.Error+r.Warning, " "+r.File+":", ":")
		if what, named := strings.CutPrefix(unnamed, filepath.Base(r.File)+" "); named {
			unnamed = "the file " + what
		}
		if why := printable(unnamed); why != "" && statusOf(r.err) != exitInterrupted {
			groups[why] = append(groups[why], r)
		}
	}
	var b strings.Builder
	var advice []string
	for _, why := range slices.Sorted(maps.Keys(groups)) {
		group := groups[why]
		fmt.Fprintf(&b, "%d %s: %s\n", len(group), group[0].outcome(), why)
		for _, r := range group[:min(len(group), mostNames)] {
			fmt.Fprintf(&b, "  %s\n", printable(r.File))
		}
		if more := len(group) - mostNames; more > 0 {
			fmt.Fprintf(&b, "  and %d more; --failed FILE lists what can be tried again\n", more)
		}
		advice = append(advice, remedyFor(group[0].err).says) // or ""
	}
	slices.Sort(advice)
	return b.String() + strings.TrimLeft(strings.Join(slices.Compact(advice), "\n")+"\n", "\n")
}
