module debate-analyzer.io/noop-worker

go 1.24
