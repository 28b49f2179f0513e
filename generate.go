//go:build generate

// Package tools: go generate makes api/openapi.json and gen/ from api/published/.
package tools

//go:generate go run ./api/cmd/generate
