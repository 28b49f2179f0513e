package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// limit writes the bytes of the request straight to open connections, which no HTTP client can beat. With TLS it uses one
// buffer. Without TLS the kernel sends the file (sendfile).
func limit(t target) (upload, error) {
	base, err := url.Parse(t.URL)
	if err != nil {
		return nil, err
	}
	conns := make(chan *rawConn, t.Parallel)
	for range t.Parallel {
		conns <- &rawConn{}
	}
	return func(ctx context.Context, path string) error {
		c := <-conns
		defer func() { conns <- c }()
		if c.conn == nil {
			if err := c.dial(ctx, base); err != nil {
				return err
			}
		}
		return c.upload(base, path)
	}, nil
}

type rawConn struct {
	conn    net.Conn
	answers *bufio.Reader
	buffer  []byte
}

func (c *rawConn) dial(ctx context.Context, base *url.URL) (err error) {
	if base.Scheme == "https" {
		c.conn, err = (&tls.Dialer{}).DialContext(ctx, "tcp", base.Host)
		// 32 to 256 KiB cost the same: a TLS record, and so a write to the socket, is 16 KiB.
		c.buffer = make([]byte, 32*kib)
	} else {
		c.conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", base.Host)
	}
	c.answers = bufio.NewReader(c.conn)
	return err
}

func (c *rawConn) upload(base *url.URL, path string) error {
	file, size, err := open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nAccept: application/json\r\n"+
		"Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		uploadPath, base.Host, apiKey, formType, int64(len(formHead))+size+int64(len(formTail)), formHead)
	if err := c.send(head, file); err != nil {
		return err
	}
	res, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	return drain(res)
}

func (c *rawConn) send(head string, file *os.File) error {
	if c.buffer == nil {
		for _, part := range []io.Reader{strings.NewReader(head), file, strings.NewReader(formTail)} {
			if _, err := io.Copy(c.conn, part); err != nil {
				return err
			}
		}
		return nil
	}
	request := io.MultiReader(strings.NewReader(head), file, strings.NewReader(formTail))
	for {
		n, err := io.ReadFull(request, c.buffer)
		if err == io.EOF {
			return nil
		}
		if err != nil && err != io.ErrUnexpectedEOF {
			return err
		}
		if _, err := c.conn.Write(c.buffer[:n]); err != nil {
			return err
		}
	}
}
