// The no-op worker: it takes the real worker's command line, does what DEBATE_NOOP says, and ends as the real worker does.
//
// DEBATE_NOOP is JSON: for each step the acts of its 1st, 2nd, ... Job; where it says nothing, the step is done at once.
// {"prepare": [{"exit": 12, "retry_after": 2}], "analyze": [{"seconds": 5, "exit": 75}, {}]}
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// act is what one Job's pods do: work for Seconds (reporting progress), then end.
type act struct {
	Seconds    float64  `json:"seconds"`
	Exit       int      `json:"exit"`
	Message    string   `json:"message"`
	Reason     *string  `json:"reason"`
	RetryAfter *float64 `json:"retry_after"`
	Windows    int      `json:"windows"` // of the plan, told by prepare
	Shard      *int     `json:"shard"`   // the one shard that does this; the others are done at once
	OOM        bool     `json:"oom"`     // a child takes memory until it is killed
	Silent     bool     `json:"silent"`  // leaves no termination message
	Garbage    bool     `json:"garbage"` // leaves one that is not a StepResult
	Dial       string   `json:"dial"`    // host:port; exit code 11 where it answers, 13 where it does not
}

type result struct {
	SchemaVersion int               `json:"schema_version"`
	Step          string            `json:"step"`
	Shard         int               `json:"shard"`
	ExitCode      int               `json:"exit_code"`
	Reason        *string           `json:"reason"`
	Message       string            `json:"message"`
	RetryAfter    *float64          `json:"retry_after_seconds"`
	Facts         map[string]any    `json:"facts"`
	Outputs       map[string]string `json:"outputs"`
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "dial" { // for a pod that is no worker's
		code, message := dial(os.Args[2])
		fmt.Println(message)
		os.Exit(code)
	}
	if len(os.Args) == 2 && os.Args[1] == "hog" {
		takeAllMemory()
	}
	stop, enough := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	signal.Notify(enough, syscall.SIGUSR1)
	if len(os.Args) != 4 || os.Args[1] != "run" || os.Args[2] != "--step" {
		fmt.Fprintf(os.Stderr, "called as %q\n", os.Args)
		os.Exit(70)
	}
	step, shard := os.Args[3], number(os.Getenv("JOB_COMPLETION_INDEX"), 0)
	todo, err := findAct(step, shard)
	if err == nil {
		err = checkPod()
	}
	if err != nil {
		end(result{Step: step, Shard: shard, ExitCode: 70, Message: err.Error()}, todo)
	}
	if todo.OOM {
		loseChild()
	}
	if interrupted := work(step, shard, todo.Seconds, stop, enough); interrupted {
		end(result{Step: step, Shard: shard, ExitCode: 75, Message: "stopped by SIGTERM"}, act{})
	}
	if todo.Dial != "" {
		todo.Exit, todo.Message = dial(todo.Dial)
	}
	told := result{Step: step, Shard: shard, ExitCode: todo.Exit, Reason: todo.Reason, Message: todo.Message, RetryAfter: todo.RetryAfter}
	if todo.Exit == 0 {
		told.Facts, told.Outputs = done(step, todo)
	}
	end(told, todo)
}

// findAct finds what the pods of this Job do.
func findAct(step string, shard int) (act, error) {
	acts := map[string][]act{}
	if text := os.Getenv("DEBATE_NOOP"); text != "" {
		decoder := json.NewDecoder(bytes.NewBufferString(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&acts); err != nil {
			return act{}, fmt.Errorf("DEBATE_NOOP: %w", err)
		}
	}
	n := number(os.Getenv("DEBATE_NUMBER"), 0)
	if n < 1 {
		return act{}, fmt.Errorf("DEBATE_NUMBER is %q", os.Getenv("DEBATE_NUMBER"))
	}
	if n > len(acts[step]) {
		return act{}, nil
	}
	todo := acts[step][n-1]
	if todo.Shard != nil && *todo.Shard != shard {
		return act{}, nil
	}
	return todo, nil
}

// checkPod says what of the surroundings that the real worker needs, or must not have, is wrong.
func checkPod() error {
	if os.Getuid() != 10001 || os.Getgid() != 10001 {
		return fmt.Errorf("runs as %d:%d", os.Getuid(), os.Getgid())
	}
	if _, err := os.Stat("/var/run/secrets/kubernetes.io"); err == nil {
		return fmt.Errorf("has a token for the API server")
	}
	text, err := os.ReadFile(os.Getenv("DEBATE_JOB"))
	if err != nil {
		return err
	}
	var job struct{ Kind string }
	if err := json.Unmarshal(text, &job); err != nil || job.Kind != "DebateJob" {
		return fmt.Errorf("%s is no DebateJob: %v", os.Getenv("DEBATE_JOB"), err)
	}
	for _, folder := range []string{os.Getenv("DEBATE_CACHE"), "/tmp"} {
		if err := os.WriteFile(filepath.Join(folder, "probe"), nil, 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile("/probe", nil, 0o600); err == nil {
		return fmt.Errorf("the root file system can be written")
	}
	return nil
}

// work waits, and tells how far it is once a second; true where SIGTERM ended it. SIGUSR1 is the end of the work, so
// that no test depends on how long it takes to come to its point.
func work(step string, shard int, seconds float64, stop, enough <-chan os.Signal) bool {
	began := time.Now()
	end := time.After(time.Duration(seconds * float64(time.Second)))
	tick := time.NewTicker(time.Second)
	for {
		select {
		case <-stop:
			return true
		case <-enough:
			return false
		case <-end:
			return false
		case <-tick.C:
			spent := time.Since(began).Seconds()
			tell(map[string]any{
				"job_uid": os.Getenv("DEBATE_JOB_UID"), "step": step, "shard": shard,
				"done_seconds": round(spent), "total_seconds": round(seconds), "eta_seconds": round(max(0, seconds-spent)),
			})
		}
	}
}

func tell(progress map[string]any) {
	url := os.Getenv("DEBATE_PROGRESS_URL")
	token, err := os.ReadFile(os.Getenv("DEBATE_PROGRESS_TOKEN_FILE"))
	if url == "" || err != nil {
		fmt.Println("no progress told:", url, err)
		return
	}
	body, _ := json.Marshal(progress)
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		fmt.Println("no progress told:", err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Do(request)
	if err != nil {
		fmt.Println("no progress told:", err)
		return
	}
	defer answer.Body.Close()
	fmt.Println("progress:", answer.Status)
}

func dial(address string) (int, string) {
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return 13, fmt.Sprintf("%s was not reached: %v", address, err)
	}
	connection.Close()
	return 11, address + " was reached"
}

// loseChild runs out of memory as the real worker does: in a child, and not in the container's first moment. It waits
// before, because the runtime listens for the kernel's notice only once the container runs, and after, because the
// notice and the container's end race.
func loseChild() {
	time.Sleep(2 * time.Second)
	child := exec.Command(os.Args[0], "hog")
	child.Stdout = os.Stdout
	fmt.Println("the child:", child.Run())
	time.Sleep(2 * time.Second)
	os.Exit(137)
}

func takeAllMemory() {
	var held [][]byte
	for {
		block := make([]byte, 1<<22)
		for i := range block {
			block[i] = 1 // a page that nobody wrote costs nothing
		}
		held = append(held, block)
		fmt.Println("holding", len(held)*4, "MiB")
	}
}

func done(step string, todo act) (map[string]any, map[string]string) {
	facts := map[string]any{"duration_seconds": 60, "windows": max(1, todo.Windows)}
	if step != "finish" {
		return facts, nil
	}
	facts["speakers"], facts["words"], facts["language"] = 2, 100, "en"
	outputs := map[string]string{}
	for _, name := range []string{"transcript", "words", "captions", "rttm", "report"} {
		outputs[name] = "jobs/noop/transcripts/noop." + name
	}
	return facts, outputs
}

// end leaves the StepResult where Kubernetes reads a pod's last words, and ends with its exit code.
func end(told result, todo act) {
	told.SchemaVersion = 1
	if told.Facts == nil {
		told.Facts = map[string]any{}
	}
	if told.Outputs == nil {
		told.Outputs = map[string]string{}
	}
	message, err := json.Marshal(told)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(message))
	if todo.Garbage {
		message = []byte("not a StepResult")
	}
	if !todo.Silent {
		if err := os.WriteFile(os.Getenv("DEBATE_TERMINATION_LOG"), message, 0o600); err != nil {
			fmt.Println("no termination message:", err)
		}
	}
	os.Exit(told.ExitCode)
}

func round(seconds float64) float64 { return float64(int(seconds*1000)) / 1000 }

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}
