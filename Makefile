# make without a target lists the targets. The longer recipes are scripts in .ci/.
FILES    = commbox/cmd/commbox/samples
FUZZTIME = 60s
LINTER   = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
RACE    := $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
# Many tests wait for a timeout, so eight at a time in each package keep the processors busy.
TEST     = go test $(RACE) -parallel=8
# The script gets FILES unchanged in a variable, because names may contain spaces, quotes and dollar signs.
override FILES := $(value FILES)
export FILES FUZZTIME
.PHONY: help demo test test-long check generate fetch spec-diff lint fuzz bench
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 12

demo: ## upload sample files, or FILES="…", to a CommBox inside the command
	@.ci/demo

test: ## run all tests, with the race detector if there is a C compiler
	@.ci/each $(TEST) $(TESTFLAGS) ./...

test-long: ## run all tests in their long form: every fault with every kind of file, every kill
	@COMMBOX_TEST_LONG=1 .ci/each $(TEST) -count=1 -timeout=30m $(TESTFLAGS) ./...

check: ## check that document, generated code and client agree; vet for every platform
	go run ./api/cmd/generate -check -strict
	go test -run '^TestContract' ./commbox/internal/contracttest
	@.ci/check

generate: ## make api/openapi.json and gen/ from api/published/; STRICT=1 turns warnings into errors
	go run ./api/cmd/generate

fetch: ## update api/published/ from CommBox's help centre; ALL=1 fetches every operation, HELP=URL uses another site
	go run ./api/cmd/fetch

spec-diff: ## show what changed since BASE=rev in the document and gen/; fails on breaking changes
	@api/specdiff/spec-diff.sh $(or $(BASE),$(error give BASE=rev, such as BASE=HEAD~1))

lint: ## run golangci-lint
	@.ci/each go run $(LINTER) run --allow-parallel-runners ./...

fuzz: ## run every fuzz target for FUZZTIME each
	@.ci/fuzz

bench: ## compare this client with other clients and with a raw TLS connection
	cd commbox/internal/bench && go run .
