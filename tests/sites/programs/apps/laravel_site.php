<?php
// A site of Laravel, as Debian packages it, in one file: a form with a token, a page that reads a table.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
require 'Illuminate/autoload.php';

use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Http\Kernel as HttpKernel;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Bootstrap;
use Illuminate\Foundation\Exceptions\Handler;
use Illuminate\Foundation\Http\Kernel;
use Illuminate\Foundation\Http\Middleware\VerifyCsrfToken;
use Illuminate\Http\Request;

foreach (['bootstrap/cache', 'storage/framework/views', 'config', 'resources/views'] as $folder) {
    @mkdir(__DIR__ . "/$folder", 0777, true);
}

class SiteKernel extends Kernel
{
    protected $bootstrappers = [
        Bootstrap\HandleExceptions::class,
        Bootstrap\RegisterFacades::class,
        Bootstrap\RegisterProviders::class,
        Bootstrap\BootProviders::class,
    ];
}

$app = new Application(__DIR__);
$app->instance('config', new Illuminate\Config\Repository([
    'app' => [
        'name' => 'Site',
        'env' => 'local',
        'debug' => true,
        'key' => str_repeat('k', 32),
        'cipher' => 'AES-256-CBC',
        'locale' => 'en',
        'fallback_locale' => 'en',
        'aliases' => [],
        'providers' => [
            Illuminate\Cookie\CookieServiceProvider::class,
            Illuminate\Database\DatabaseServiceProvider::class,
            Illuminate\Encryption\EncryptionServiceProvider::class,
            Illuminate\Filesystem\FilesystemServiceProvider::class,
            Illuminate\Foundation\Providers\FoundationServiceProvider::class,
            Illuminate\Session\SessionServiceProvider::class,
            Illuminate\Translation\TranslationServiceProvider::class,
            Illuminate\View\ViewServiceProvider::class,
        ],
    ],
    'database' => ['default' => 'sqlite', 'connections' => ['sqlite' => ['driver' => 'sqlite', 'database' => ':memory:']]],
    'logging' => ['default' => 'null', 'channels' => ['null' => ['driver' => 'monolog', 'handler' => Monolog\Handler\NullHandler::class]]],
    'session' => ['driver' => 'array', 'lifetime' => 120, 'expire_on_close' => false, 'lottery' => [0, 100], 'cookie' => 'session',
        'path' => '/', 'domain' => null, 'secure' => false, 'http_only' => true, 'same_site' => 'lax'],
    'view' => ['paths' => [__DIR__ . '/resources/views'], 'compiled' => __DIR__ . '/storage/framework/views'],
]));
$app->instance('env', 'local');
$app->singleton(HttpKernel::class, SiteKernel::class);
$app->singleton(ExceptionHandler::class, Handler::class);
$app->booted(function ($app) {
    $web = [Illuminate\Session\Middleware\StartSession::class, VerifyCsrfToken::class];
    $app['router']->get('/', fn () => '<!DOCTYPE html><title>Site</title><h1>Site</h1>');
    $app['router']->post('/form', fn () => 'written')->middleware($web);
    $app['router']->get('/table', fn () => $app['db']->table('items')->get());
    $app['router']->get('/error', fn () => throw new RuntimeException('bad value'));
    $app['router']->getRoutes()->refreshNameLookups();
});
$app->make(HttpKernel::class)->handle(Request::capture())->send();
