# Each target is one line that calls a script; `make demo PORT=9000 FRESH=1`, `make bench ROW=sealing` and
# `make test-deploy FORM=minimal` pass their choices on.
.PHONY: demo test test-deploy check bench dev

demo:
	@scripts/demo $(if $(PORT),--port $(PORT)) $(if $(filter 1,$(FRESH)),--fresh)

test:
	@scripts/test

test-deploy:
	@scripts/test-deploy $(FORM)

check:
	@scripts/check

bench:
	@scripts/bench $(ROW)

dev:
	@scripts/setup test
