package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func serveCommand() *cobra.Command {
	var address, record, key string
	var faults []commboxtest.Fault
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a CommBox server for the tests of other programs",
		Long:  help("serve"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			served, err := net.Listen("tcp", address)
			recorded, noRecord := net.Listen("tcp", record)
			if err = errors.Join(err, noRecord); err != nil {
				return err
			}
			tell := func(violation string) { fmt.Fprintln(cmd.ErrOrStderr(), violation) }
			fake := commboxtest.NewServer(commboxtest.WithKey(key), commboxtest.WithListener(served), commboxtest.WithFaultOf(faultOf), commboxtest.WithViolated(tell))
			defer fake.Close()
			fake.Fail(faults...)
			server := http.Server{Handler: recordOf(fake), ReadHeaderTimeout: time.Minute}
			defer server.Close()
			go func() { _ = server.Serve(recorded) }()
			fmt.Fprintf(cmd.OutOrStdout(), "COMMBOX_BASE_URL=%s\nCOMMBOX_API_KEY=%s\nCOMMBOX_RECORD_URL=http://%s\n", fake.URL, key, recorded.Addr())
			<-cmd.Context().Done()
			return nil
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&address, "address", "127.0.0.1:0", "the `HOST:PORT` of the server; port 0 means any free port")
	fs.StringVar(&record, "record", "127.0.0.1:0", "the `HOST:PORT` of the record of what arrived")
	fs.StringVar(&key, "key", "commbox-serve-key", "the API `KEY` to accept")
	fs.Func("fault", "a `FAULT` that the next attempt meets; may be given several times", func(spec string) error {
		f, err := parseFault(spec, "times", "stream", "file", "retry-after")
		faults = append(faults, f)
		return err
	})
	_ = cmd.RegisterFlagCompletionFunc("fault", cobra.NoFileCompletions) // the flag is there
	return cmd
}

// recordOf serves what arrived at fake. DELETE empties it.
func recordOf(fake *commboxtest.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE /", func(http.ResponseWriter, *http.Request) { fake.Forget() })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{ // the client that asked may have left
			"uploads": append([]commboxtest.Upload{}, fake.Uploads()...), "requests": fake.Requests(), "violations": append([]string{}, fake.Violations()...),
		})
	})
	return mux
}

// faultOf returns the fault that a request asks for: a 400 if its header cannot be read.
func faultOf(r *http.Request) (commboxtest.Fault, bool) {
	spec := r.Header.Get("Commbox-Fault")
	f, err := parseFault(spec, "retry-after")
	if err != nil {
		f = commboxtest.Answer(http.StatusBadRequest, "text/plain", err.Error())
	}
	return f, spec != ""
}

// plainFaults are the faults without a number.
var plainFaults = map[string]func() commboxtest.Fault{"refuse": commboxtest.Refuse, "lost": commboxtest.LostAnswer, "garbled": commboxtest.Garbled}

// sizedFaults are the faults with a number of bytes.
var sizedFaults = map[string]func(int64) commboxtest.Fault{
	"reset": commboxtest.Reset, "stall": commboxtest.Stall, "slow": commboxtest.Slow,
	"cut": func(n int64) commboxtest.Fault { return commboxtest.Cut(int(n)) },
}

// parseFault reads the fault in a flag or a header. Only the allowed settings may follow it.
func parseFault(spec string, allowed ...string) (f commboxtest.Fault, err error) {
	words := strings.Split(spec, ",")
	settings := make(map[string]string)
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		if !slices.Contains(allowed, name) || value == "" {
			return f, fmt.Errorf("fault %q: %q is none of the settings %s=... here", spec, word, strings.Join(allowed, "=..., "))
		}
		settings[name] = value
	}
	var answer []commboxtest.AnswerOption
	if after := settings["retry-after"]; after != "" {
		answer = append(answer, commboxtest.Header("Retry-After", after))
	}
	name, value, _ := strings.Cut(words[0], "=")
	n, notNumber := strconv.ParseInt(cmp.Or(value, name), 10, 64)
	times, notTimes := strconv.Atoi(cmp.Or(settings["times"], "1"))
	isStatus := n >= 200 && n <= 599
	switch plain, sized := plainFaults[words[0]], sizedFaults[name]; {
	case notTimes != nil || times < 1:
		return f, fmt.Errorf("fault %q: times=%s is no number of attempts", spec, settings["times"])
	case plain != nil && answer == nil:
		f = plain()
	case sized != nil && answer == nil && notNumber == nil && n >= 0:
		f = sized(n)
	case isStatus && value == "":
		f = commboxtest.Status(int(n), answer...)
	case isStatus && name == "early":
		f = commboxtest.EarlyAnswer(int(n), answer...)
	default:
		return f, fmt.Errorf("fault %q is not known; \"commbox help serve\" has them all", spec)
	}
	return f.ForStream(settings["stream"]).ForFile(settings["file"]).Times(times), nil
}
