package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const environment = `environment:
  COMMBOX_API_KEY        the API key: CommBox console, Settings > API
  COMMBOX_API_KEY_FILE   or a file that holds it, read again when it changes
  COMMBOX_STREAM_ID      what --stream says, if it says nothing
  COMMBOX_BASE_URL       another address than https://api.commbox.io/`

// run is the whole command but for the signals; it returns the exit status.
func run(ctx context.Context, args []string, std streams) int {
	root := newRoot(std)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var status exitStatus
	switch {
	case err == nil:
		return int(exitOK)
	case errors.As(err, &status):
		return int(status)
	default:
		fmt.Fprintf(std.err, "commbox: %s\n\"commbox help\" has the commands, the flags and the environment.\n", strings.TrimSpace(reason(err)))
		return int(exitUsage)
	}
}

func newRoot(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "commbox",
		Short:         "commbox puts files into WhatsApp through CommBox and prints their media IDs",
		Long:          "commbox puts files into WhatsApp through CommBox and prints their media IDs.\n\n" + environment,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprint(std.err, cmd.UsageString())
			return exitUsage
		},
	}
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(suggestFlag)
	root.AddCommand(uploadCommand(std), checkCommand(std), serveCommand(std), &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(*cobra.Command, []string) { fmt.Fprintln(std.out, version()) },
	})
	return root
}

// suggestFlag adds to the error of an unknown flag the one that was meant.
// Cobra knows how to find similar commands, not flags.
func suggestFlag(cmd *cobra.Command, err error) error {
	typed, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	if similar := names.SuggestionsFor(typed); len(similar) > 0 {
		return fmt.Errorf("%w\n\nDid you mean this?\n\t--%s", err, strings.Join(similar, "\n\t--"))
	}
	return err
}
