package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// faultHeader is the header by which a request asks for a fault of its own.
const faultHeader = "Commbox-Fault"

const serveHelp = `Serves a CommBox on this machine, for tests of programs in any language, until it
is interrupted. It prints its address, its key and the address of its record as
lines for a shell:

  COMMBOX_BASE_URL=http://127.0.0.1:43567
  COMMBOX_API_KEY=...
  COMMBOX_RECORD_URL=http://127.0.0.1:43568

The record answers with JSON:
  GET /uploads, GET /requests, GET /violations   what arrived, oldest first
  DELETE /                                       forget it
  POST /faults (a fault in the body)             add a fault; DELETE /faults: no more

` + faultHelp + `
A request with the header ` + faultHeader + ` meets that fault. Such requests are
served one after the other.`

func serveCommand(std streams) *cobra.Command {
	var address, record, key string
	var faults []string
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Serve a CommBox for the tests of other programs",
		Long:    serveHelp,
		Example: "  commbox serve --fault 429,retry-after=1 --fault reset=65536",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var opts []commboxtest.Option
			if key != "" {
				opts = append(opts, commboxtest.WithKey(key))
			}
			var script []commboxtest.Fault
			for _, spec := range faults {
				f, err := parseFault(spec)
				if err != nil {
					return err
				}
				script = append(script, f)
			}
			fake := commboxtest.NewServer(opts...)
			defer fake.Close()
			fake.Fail(script...)
			return serve(cmd.Context(), fake, address, record, std.out)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&address, "address", "127.0.0.1:0", "where to serve CommBox; port 0: any free one (`HOST:PORT`)")
	fs.StringVar(&record, "record", "127.0.0.1:0", "where to serve what arrived (`HOST:PORT`)")
	fs.StringVar(&key, "key", "", "the API `KEY` to accept (default: one that is made up)")
	fs.StringArrayVar(&faults, "fault", nil, "a `FAULT` that the next attempt meets; may be given several times")
	return cmd
}

// serve serves fake and its record until ctx ends.
func serve(ctx context.Context, fake *commboxtest.Server, address, record string, out io.Writer) error {
	target, err := url.Parse(fake.URL)
	if err != nil {
		return err
	}
	var urls []string
	for _, s := range []struct {
		address string
		handler http.Handler
	}{{address, front(fake, target)}, {record, recordOf(fake)}} {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.address)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: s.handler, ReadHeaderTimeout: time.Minute}
		defer server.Close()
		go func() { _ = server.Serve(l) }()
		urls = append(urls, "http://"+l.Addr().String())
	}
	fmt.Fprintf(out, "COMMBOX_BASE_URL=%s\nCOMMBOX_API_KEY=%s\nCOMMBOX_RECORD_URL=%s\n", urls[0], fake.Key(), urls[1])
	<-ctx.Done()
	return exitInterrupted
}

// front passes requests on to fake, each with the fault that it asks for. Where
// fake breaks a connection, so does front.
func front(fake *commboxtest.Server, target *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:    fake.HTTPClient().Transport,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	var turn sync.Mutex // of the requests with a fault of their own
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if spec := r.Header.Get(faultHeader); spec != "" {
			fault, err := parseFault(spec)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			turn.Lock()
			defer turn.Unlock()
			r.Header.Del(faultHeader)
			fake.Fail(fault.ForStream(path.Base(r.URL.EscapedPath())))
		}
		proxy.ServeHTTP(w, r)
	})
}

// recordOf tells what arrived at fake.
func recordOf(fake *commboxtest.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /uploads", func(w http.ResponseWriter, _ *http.Request) {
		list := []uploaded{}
		for _, u := range fake.Uploads() {
			list = append(list, uploaded(u))
		}
		writeJSON(w, list)
	})
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		list := []requested{}
		for _, r := range fake.Requests() {
			list = append(list, requested{r.Time, r.Operation, r.Method, r.Path, r.Status, r.BodyBytes, r.Fault})
		}
		writeJSON(w, list)
	})
	mux.HandleFunc("GET /violations", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, append([]string{}, fake.Violations()...))
	})
	mux.HandleFunc("DELETE /{$}", func(http.ResponseWriter, *http.Request) { fake.Forget() })
	mux.HandleFunc("DELETE /faults", func(http.ResponseWriter, *http.Request) { fake.Recover() })
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		spec, err := io.ReadAll(io.LimitReader(r.Body, 4<<10))
		fault, bad := parseFault(string(spec))
		if err := errors.Join(err, bad); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fake.Fail(fault)
	})
	return mux
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client that asked may have left
}
