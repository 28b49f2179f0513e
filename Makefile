# make without a target lists the targets.
FILES    = commbox/cmd/commbox/samples
FUZZTIME = 60s
LINTER   = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
MODULES := $(patsubst %/go.mod,%,$(sort $(shell find . -name go.mod -not -path '*/testdata/*')))
RACE    := $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
# Names in FILES may contain spaces, quotes and dollar signs: the shell gets them untouched, as a variable.
override FILES := $(value FILES)
export FILES
.PHONY: help demo test test-long check generate fetch spec-diff lint fuzz bench
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 12

demo: ## upload sample files, or FILES="…", to a CommBox inside the process
	@IFS=; [ ! -e "$$FILES" ] || set -f; set -- $$FILES; set +f; unset IFS; \
	[ -e "$$1" ] || eval "set -- $$FILES"; go run ./commbox/cmd/commbox upload --demo -- "$$@"

test: ## run all tests, with the race detector if there is a C compiler
	@failed=; for m in $(MODULES); do (cd $$m && go test $(RACE) $(TESTFLAGS) ./...) || failed="$$failed $$m"; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

test-long: ## run all tests in their long form: every cell, every kill, the full counts
	@COMMBOX_TEST_LONG=1 $(MAKE) --no-print-directory test TESTFLAGS="-count=1 -timeout=30m $(TESTFLAGS)"

check: ## prove that document, generated code and client agree; vet for every platform
	go run ./api/cmd/generate -check -strict
	go test -run '^TestContract' ./commbox/internal/contracttest
	@f=$$(gofmt -l .); [ -z "$$f" ] || { echo "not formatted with gofmt:" $$f; exit 1; }
	@set -e; for m in $(MODULES); do echo "$$m: tidy, vet"; (cd $$m && go mod tidy -diff && go vet ./...); done
	@set -e; for p in linux darwin windows; do for a in amd64 arm64; do echo "$$p/$$a: build, vet"; \
	GOOS=$$p GOARCH=$$a CGO_ENABLED=0 sh -c "go build ./... && go vet ./..."; done; done

generate: ## make api/openapi.json and gen/ from api/published/; STRICT=1 turns warnings into errors
	go run ./api/cmd/generate

fetch: ## update api/published/ from CommBox's help centre; ALL=1 takes every operation, HELP=URL another place
	go run ./api/cmd/fetch

spec-diff: ## show what changed since BASE=rev in the document and gen/; fails on breaking changes
	@api/specdiff/spec-diff.sh $(or $(BASE),$(error give BASE=rev, such as BASE=HEAD~1))

lint: ## run golangci-lint
	@set -e; for m in $(MODULES); do (cd $$m && go run $(LINTER) run ./...); done

fuzz: ## run every fuzz target for FUZZTIME each
	@set -e; for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	(set -x; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$p); done; done

bench: ## measure this client beside the limit and its peers
	cd commbox/internal/bench && go run .
