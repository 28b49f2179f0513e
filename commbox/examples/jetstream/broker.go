package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// brokerConfig says which NATS server to use: the one at url, or one in this process.
type brokerConfig struct {
	url         string
	credentials string // file; "": none
	store       string // folder of a server in this process
	listen      string // address of that server for other processes; "": none
}

// broker is a connection to NATS, and the server if it is in this process.
type broker struct {
	conn     *nats.Conn
	embedded *server.Server // nil: the server is another process
}

// connect connects to NATS. The connection reconnects until the process ends.
func connect(c brokerConfig) (*broker, error) {
	options := []nats.Option{
		nats.Name("commbox uploads"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
	}
	if c.credentials != "" {
		options = append(options, nats.UserCredentials(c.credentials))
	}
	if c.url != "" {
		conn, err := nats.Connect(c.url, options...)
		if err != nil {
			return nil, fmt.Errorf("connect to NATS: %w", err)
		}
		return &broker{conn: conn}, nil
	}

	embedded, err := embed(c)
	if err != nil {
		return nil, err
	}
	conn, err := nats.Connect("", append(options, nats.InProcessServer(embedded))...)
	if err != nil {
		embedded.Shutdown()
		return nil, fmt.Errorf("connect to the NATS in this process: %w", err)
	}
	return &broker{conn: conn, embedded: embedded}, nil
}

// embed starts a NATS server with JetStream in this process.
func embed(c brokerConfig) (*server.Server, error) {
	options := &server.Options{JetStream: true, StoreDir: c.store, NoSigs: true, DontListen: c.listen == ""}
	if c.listen != "" {
		host, port, err := net.SplitHostPort(c.listen)
		if err != nil {
			return nil, err
		}
		options.Host = host
		if options.Port, err = strconv.Atoi(port); err != nil {
			return nil, fmt.Errorf("port of %s: %w", c.listen, err)
		}
		if options.Port == 0 {
			options.Port = server.RANDOM_PORT
		}
	}
	embedded, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("start a NATS in this process: %w", err)
	}
	embedded.Start()
	if !embedded.ReadyForConnections(30 * time.Second) {
		embedded.Shutdown()
		return nil, errors.New("the NATS in this process does not get ready; is its folder in use?")
	}
	return embedded, nil
}

func (b *broker) close() {
	_ = b.conn.FlushTimeout(5 * time.Second) // acknowledgements
	b.conn.Close()
	if b.embedded != nil {
		b.embedded.Shutdown()
		b.embedded.WaitForShutdown()
	}
}

// serve runs a NATS server for the workers of a few machines. It has no passwords:
// outside a private network, run nats-server itself with a configuration.
func serve(ctx context.Context, c brokerConfig, stdout io.Writer) error {
	embedded, err := embed(c)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, embedded.ClientURL()); err != nil {
		return err
	}
	<-ctx.Done()
	embedded.Shutdown()
	embedded.WaitForShutdown()
	return nil
}
