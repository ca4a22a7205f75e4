# 只需要 Python 3.11+ 和 GNU make：make run 和 make test 会自己准备好其余的一切。
.DEFAULT_GOAL := help
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
SHELL := bash

# Another interpreter: make run PYTHON=/path/to/python3.12
PYTHON ?=
UV_VERSION := 0.13.9

.PHONY: help run test lint format bench lock clean

help: ## 列出可用的命令
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' Makefile

run: .venv/run.stamp ## 打开演示：http://localhost:8501，168 所虚构的学校，各种状态
	@$(BIN)/python -m portal.command demo

test: .venv/dev.stamp ## 运行全部测试，engine/ 的分支覆盖率须为 100 %
	@export ZHUNSHENG_BROWSER="$$($(BIN)/python tools/find_browser.py --install)"; \
	 $(BIN)/python -m pytest -n auto --cov=engine --cov-branch --cov-report=term-missing --cov-fail-under=100 --ignore=tests/portal --ignore=tests/pages --ignore=tests/browser && \
	 $(BIN)/python -m pytest -n auto tests/portal tests/pages tests/browser

lint: .venv/dev.stamp ## 检查代码：ruff 与 mypy
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: .venv/dev.stamp ## 整理代码格式
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

bench: .venv/dev.stamp ## 运行 benchmarks/ 里的每一个测速脚本
	@for script in benchmarks/*.py; do \
	  if [ -e "$$script" ]; then echo "== $$script"; $(BIN)/python "$$script" || exit 1; fi; \
	done

lock: .venv/python.stamp ## 按 pyproject.toml 重新锁定依赖（会联网）
	@$(BIN)/python -m venv build/lock
	@build/lock/$(notdir $(BIN))/python -m pip install -qq "uv==$(UV_VERSION)"
	$(call compile,requirements.lock)
	$(call compile,requirements-dev.lock,--extra dev --constraint requirements.lock)

clean: ## 删除 .venv 和各种缓存
	rm -rf .venv build *.egg-info .coverage .coverage.* htmlcov .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One lock for Linux, macOS and Windows, with the hash of every file; UPGRADE=--upgrade takes newer versions.
define compile
@build/lock/$(notdir $(BIN))/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
  --generate-hashes --no-strip-extras --no-emit-index-url --custom-compile-command 'make lock' --quiet $(UPGRADE) $(2) -o $(1)
@echo '已更新 $(1)'
endef

# Each stamp says "done for this state of the files it depends on"; touching a lock file makes the next run install.
.venv/run.stamp: requirements.lock pyproject.toml .venv/python.stamp
	@echo '准绳：正在安装运行所需的程序包（只做一次，约一分钟）……'
	@$(call install,requirements.lock)
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml .venv/python.stamp
	@echo '准绳：正在安装测试所需的程序包（只做一次，约一分钟）……'
	@$(call install,requirements-dev.lock)
	@touch $@

# Only ready-made wheels, only the bytes the lock names; then the project itself, with nothing fetched any more.
define install
$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: -r $(1) && \
$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
endef

.venv/python.stamp:
	@for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11 python); do \
	  if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    "$$python" -m venv --clear .venv && touch $@; exit; \
	  fi; \
	done; \
	echo '准绳：找不到可用的 Python。需要 3.11 或更高版本，并带 venv 模块。' >&2; \
	echo '下一步：安装 Python 3.11+（Debian/Ubuntu：apt install python3 python3-venv），再运行同一条命令；' >&2; \
	echo '        装在别处的，用 make run PYTHON=/路径/python3.12 指明。' >&2; \
	exit 1
